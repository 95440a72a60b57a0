"""English nouns: their plural, and back."""

import re

IRREGULAR = {
    "analysis": "analyses",
    "axis": "axes",
    "basis": "bases",
    "cactus": "cacti",
    "child": "children",
    "crisis": "crises",
    "criterion": "criteria",
    "datum": "data",
    "epoch": "epochs",
    "eunuch": "eunuchs",
    "fez": "fezzes",
    "loch": "lochs",
    "matriarch": "matriarchs",
    "monarch": "monarchs",
    "patriarch": "patriarchs",
    "stomach": "stomachs",
    "tech": "techs",
    "whiz": "whizzes",
    "diagnosis": "diagnoses",
    "die": "dice",
    "echo": "echoes",
    "foot": "feet",
    "goose": "geese",
    "hero": "heroes",
    "hypothesis": "hypotheses",
    "man": "men",
    "matrix": "matrices",
    "medium": "media",
    "mouse": "mice",
    "oasis": "oases",
    "ox": "oxen",
    "parenthesis": "parentheses",
    "person": "people",
    "phenomenon": "phenomena",
    "potato": "potatoes",
    "quiz": "quizzes",
    "synopsis": "synopses",
    "thesis": "theses",
    "tomato": "tomatoes",
    "tooth": "teeth",
    "torpedo": "torpedoes",
    "vertex": "vertices",
    "veto": "vetoes",
    "woman": "women",
}
# Those that end in f or fe and take -ves; the others, such as roof and safe, take an s.
VES = {
    "calf",
    "elf",
    "half",
    "hoof",
    "knife",
    "leaf",
    "life",
    "loaf",
    "self",
    "sheaf",
    "shelf",
    "thief",
    "wife",
    "wolf",
}
# Those that are alike in both numbers, or have none.
UNCOUNTABLE = {
    "advice",
    "aircraft",
    "baggage",
    "deer",
    "equipment",
    "feedback",
    "fish",
    "furniture",
    "hardware",
    "information",
    "luggage",
    "metadata",
    "money",
    "news",
    "offspring",
    "rice",
    "salmon",
    "series",
    "sheep",
    "shrimp",
    "software",
    "species",
    "staff",
    "swine",
    "traffic",
    "weather",
}
# Those in -s that are no plurals, as far as their ends do not tell.
SINGULAR = {
    "alias",
    "atlas",
    "bias",
    "bus",
    "canvas",
    "chaos",
    "cosmos",
    "economics",
    "gas",
    "lens",
    "mathematics",
    "physics",
    "yes",
}
# Those that keep the e before the s of their plural.
WITH_E = {
    "ache",
    "avalanche",
    "brownie",
    "cache",
    "calorie",
    "cookie",
    "genie",
    "headache",
    "lie",
    "movie",
    "niche",
    "pie",
    "rookie",
    "selfie",
    "tie",
    "zombie",
}


def plural_of(noun: str) -> str:
    """Return the plural of a noun in lower case; that of several words is that of the last one."""
    head, last = _split(noun)
    if last in UNCOUNTABLE:
        return noun
    for singular, plural in IRREGULAR.items():
        # A salesman is a man, and a human is none.
        if last == singular or (singular in {"man", "child"} and _is_compound(last, singular)):
            return head + last.removesuffix(singular) + plural
    for singular in VES:
        if last == singular or (singular in {"shelf", "self", "life", "knife", "wife"} and last.endswith(singular)):
            return head + re.sub("fe?$", "ves", last)
    if re.search("[^aeiou]y$", last):
        return f"{head}{last[:-1]}ies"
    return head + last + ("es" if re.search("(s|x|z|ch|sh)$", last) else "s")


def singular_of(noun: str) -> str:
    """Return the singular of a noun in lower case, which may be in the singular already."""
    head, last = _split(noun)
    for singular, plural in IRREGULAR.items():
        if last == plural or (singular in {"man", "child"} and last != singular and last.endswith(plural)):
            return head + last.removesuffix(plural) + singular
    if last in UNCOUNTABLE | SINGULAR | IRREGULAR.keys() or re.search("(ss|[^aeou]us|is)$", last):
        return noun
    candidates = [last[:-1]] if last.endswith("s") else []
    if last.endswith("ves"):
        candidates = [f"{last[:-3]}f", f"{last[:-3]}fe", *candidates]
    if last[:-1] not in WITH_E:
        if last.endswith("ies"):
            candidates = [f"{last[:-3]}y"]
        elif last[:-2] in SINGULAR or re.search("(ss|[^aeou]us|x|zz|ch|sh)es$", last):
            candidates = [last[:-2]]
    return head + next((one for one in candidates if one and plural_of(one) == last), last)


def _is_compound(word: str, last: str) -> bool:
    """Tell whether a word is made of another one and this one, as salesman is."""
    return word.endswith(last) and word not in {
        "human",
        "german",
        "roman",
        "norman",
        "ottoman",
        "shaman",
        "talisman",
        "caiman",
    }


def _split(noun: str) -> tuple[str, str]:
    """Return what stands before the last word, and the last word."""
    head, separator, last = noun.rpartition("_")
    return head + separator, last


def snake(name: str) -> str:
    """Return a name in snake case: ``book_review`` for ``BookReview`` and ``book review``."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.strip())
    return "_".join(re.findall("[a-z0-9]+", parted.lower()))


def camel(name: str) -> str:
    """Return a name in camel case: ``BookReview`` for ``book_review``."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))
