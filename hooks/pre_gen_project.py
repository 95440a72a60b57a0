"""Refuse answers that can't become a working project, before anything is written.

Cookiecutter renders this file, runs it in the empty project folder, and removes the folder
when it fails. Each problem is told in one sentence: what was given, what is allowed, and a
suggestion. It has the standard library only, and no other file of the template.
"""

import sys

sys.path.pop(0)  # the folder of temporary files: whatever lies there must not be imported

import json
import re
import unicodedata
from collections.abc import Iterator

# Rendered as a JSON string: the one form in which no answer can end up as code.
ANSWERS = json.loads({{ cookiecutter | tojson | tojson }})

TEXTS = {"project_name": 100, "project_description": 200, "author_name": 100, "author_email": 200}
SLUG_LENGTH = 50
SCRIPT_LENGTH = 4  # of the Hant in zh_Hant
JOINERS = "\u200c\u200d"  # invisible too, but emoji and some scripts are written with them
LINE_LENGTH = 60  # of an answer that is quoted

# What Babel knows, in its own order: a language (with a script), then its regions.
LOCALES = """
aa DJ ER ET ab GE ady JO RU TR af NA ZA agq CM ak GH am ET an ES ann NG apc SY ar 001 AE BH DJ DZ EG
EH ER IL IQ JO KM KW LB LY MA MR OM PS QA SA SD SO SS SY TD TN YE arn CL ary MA as IN asa TZ ast ES
az AZ IQ IR az_Arab IQ IR TR az_Cyrl AZ az_Latn AZ ba RU bal PK bal_Arab PK bal_Latn PK bas CM be BY
bem ZM bew ID bez TZ bg BG bgc IN bgn AE AF IR OM PK bho IN blo BJ blt VN bm ML bm_Nkoo ML bn BD IN
bo CN IN bqi IR br FR brh PK brx IN bs BA bs_Cyrl BA bs_Latn BA bss CM bua RU byn ER ca AD ES FR IT
cad US cch NG ccp BD IN ce RU ceb PH cgg UG cho US chr US cic US ckb IQ IR co FR cop EG cs CZ csw CA
cu RU cv RU cy GB da DK GL dav KE de AT BE CH DE IT LI LU dje NE doi IN dsb DE dua CM dv MV dyo SN
dz BT ebu KE ee GH TG el CY GR en 001 150 AE AG AI AS AT AU BB BE BI BM BS BW BZ CA CC CH CK CM CX
CY CZ DE DG DK DM EE ER ES FI FJ FK FM FR GB GD GE GG GH GI GM GS GU GY HK HU ID IE IL IM IN IO IT
JE JM JP KE KI KN KY LC LR LS LT LV MG MH MO MP MS MT MU MV MW MY NA NF NG NL NO NR NU NZ PG PH PK
PL PN PR PT PW RO RW SB SC SD SE SG SH SI SK SL SS SX SZ TC TK TO TT TV TZ UA UG UM US VC VG VI VU
WS ZA ZM ZW en_Dsrt US en_Shaw GB eo 001 es 419 AR BO BR BZ CL CO CR CU DO EA EC ES GQ GT HN IC MX
NI PA PE PH PR PY SV US UY VE et EE eu ES ewo CM fa AF IR ff BF CM GH GM GN GW LR MR NE NG SL SN
ff_Adlm BF CM GH GM GN GW LR MR NE NG SL SN ff_Latn BF CM GH GM GN GW LR MR NE NG SL SN fi FI fil PH
fo DK FO fr BE BF BI BJ BL CA CD CF CG CH CI CM DJ DZ FR GA GF GN GP GQ HT KM LU MA MC MF MG ML MQ
MR MU NC NE PF PM RE RW SC SN SY TD TG TN VU WF YT frr DE fur IT fy NL ga GB IE gaa GH gd GB gez ER
ET gl ES gn PY gsw CH FR LI gu IN guz KE gv IM ha GH NE NG SD ha_Arab NG SD haw US he IL hi IN
hi_Latn IN hnj US hnj_Hmnp US hr BA HR hrx BR hsb DE ht HT hu HU hy AM ia 001 id ID ie EE ig NG ii
CN io 001 is IS isv 001 isv_Cyrl 001 isv_Latn 001 it CH IT SM VA iu CA iu_Latn CA ja JP jbo 001 jgo
CM jmc TZ jv ID ka GE kaa UZ kaa_Cyrl UZ kaa_Latn UZ kab DZ kaj NG kam KE kbd RU TR kcg NG kde TZ
kea CV kek GT ken CM kgp BR khq ML ki KE kk CN KZ kk_Arab CN kk_Cyrl KZ kkj CM kl GL kln KE km KH kn
IN ko CN KP KR kok IN kok_Deva IN kok_Latn IN kpe GN LR ks IN ks_Arab IN ks_Deva IN ksb TZ ksf CM
ksh DE ku IQ IR SY TR ku_Arab IQ IR ku_Latn IQ SY TR kw GB kxv IN kxv_Deva IN kxv_Latn IN kxv_Orya
IN kxv_Telu IN ky KG la VA lag TZ lb LU lg UG lij IT lkt US lld IT lmo IT ln AO CD CF CG lo LA lrc
IQ IR lt LT ltg LV lu CD luo KE luy KE lv LV lzz TR mai IN mas KE TZ mdf RU mer KE mfe MU mg MG mgh
MZ mgo CM mhn IT mi NZ mic CA mk MK ml IN mn CN MN mn_Mong CN MN mni IN mni_Beng IN mni_Mtei IN moh
CA mr IN mrh IN MM ms BN ID MY SG ms_Arab BN MY mt MT mua CM mus US mww US mww_Hmnp US my MM myv RU
mzn IR naq NA nb NO SJ nd ZW nds DE NL ne IN NP nl AW BE BQ CW NL SR SX nmg CM nn NO nnh CM no nqo
GN nr ZA nso ZA nus SS nv US ny MW nyn UG oc ES FR oka CA US om ET KE or IN os GE RU osa US pa IN PK
pa_Arab PK pa_Guru IN pap AW CW pcm NG pi GB pi_Latn GB pis SB pl PL pms IT prg PL ps AF PK pt AO BR
CH CV GQ GW LU MO MZ PT ST TL qu BO EC PE quc GT raj IN rhg BD MM rhg_Rohg BD MM rif MA rm CH rn BI
ro MD RO rof TZ ru BY KG KZ MD RU UA rw RW rwk TZ sa IN sah RU saq KE sat IN sat_Deva IN sat_Olck IN
sbp TZ sc IT scn IT sd IN PK sd_Arab PK sd_Deva IN sdh IQ IR se FI NO SE seh MZ ses ML sg CF sgs LT
shi MA shi_Latn MA shi_Tfng MA shn MM TH si LK sid ET sk SK skr PK sl SI sma NO SE smj NO SE smn FI
sms FI sn ZW so DJ ET KE SO sq AL MK XK sr BA ME RS XK sr_Cyrl BA ME RS XK sr_Latn BA ME RS XK ss SZ
ZA ssy ER st LS ZA su ID su_Latn ID sus GN SL suz NP suz_Deva NP suz_Sunu NP sv AX FI SE sw CD KE TZ
UG syr IQ SY szl PL ta IN LK MY SG te IN teo KE UG tg TJ th TH ti ER ET tig ER tk TM tn BW ZA to TO
tok 001 tpi PG tr CY TR trv TW trw PK ts ZA tt RU twq NE tyv RU tzm MA ug CN uk UA ur IN PK uz AF UZ
uz_Arab AF uz_Cyrl UZ uz_Latn UZ vai LR vai_Latn LR vai_Vaii LR ve ZA vec IT vi VN vmw MZ vo 001 vun
TZ wa BE wae CH wal ET wbp AU wo SN xdq RU xh ZA xnr IN xog UG yav CM yi UA yo BJ NG yrl BR CO VE
yue CN HK MO yue_Hans CN yue_Hant CN HK MO za CN zgh MA zh CN HK MO MY SG TW zh_Hans CN HK MO MY SG
zh_Hant HK MO MY TW zh_Latn CN zu ZA
"""


def text_problems(name: str, limit: int) -> Iterator[str]:
    """Yield what is wrong with the free text that was answered to ``name``.

    Quotes, backslashes and control characters would end the string in which the text stands
    in Python, TOML or YAML; ``cruft update`` would run what looks like a template.
    """
    text = ANSWERS[name]
    if len(text) > limit:
        yield f"{name} has {len(text)} characters, and {limit} are allowed: shorten it."
    if not text.strip() and name in {"project_name", "author_name"}:
        yield f"{name} is empty: write at least one character."
    if found := sorted(set(re.findall(r'["\\]', text))):
        yield f"{name} contains {' and '.join(found)}, which is not allowed: use an apostrophe or leave it out."
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in text if letter not in JOINERS):
        yield f"{name} contains a line break or another control character: write it on one plain line."
    if found := re.search(r"\{[%#{]", text):
        yield f"{name} contains {found[0]}, which opens a template tag: leave a space between the two, or leave it out."


def slug_problems(slug: str, reserved: list[str]) -> Iterator[str]:
    """Yield what is wrong with ``slug``, the name of both the folder and the distribution."""
    allowed = f"1 to {SLUG_LENGTH} of a-z, 0-9, _ and - are allowed, a letter first and no _ or - last"
    if not re.fullmatch(r"[a-z]([a-z0-9_-]*[a-z0-9])?", slug) or len(slug) > SLUG_LENGTH:
        yield f"project_slug is {shown(slug)}, but {allowed}: try {better_slug(slug)}."
    elif re.sub("[-_]+", "-", slug) in reserved:
        yield (
            f"project_slug is {shown(slug)}, the name of a package that projects use, "
            f"or of a Windows device: try {better_slug('app_' + slug)}."
        )


def better_slug(slug: str) -> str:
    """Return an allowed slug that is close to ``slug``."""
    plain = unicodedata.normalize("NFKD", slug).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9_-]+", "_", plain).lstrip("0123456789_-")
    return plain[:SLUG_LENGTH].rstrip("_-") or "my_flask_app"


def email_problems(email: str) -> Iterator[str]:
    """Yield what is wrong with ``email``; whether it exists is not for us to say."""
    if not re.fullmatch(r"[^@\s<>(),:;]+@[^@\s<>(),:;]+", email):
        yield f"author_email is {shown(email)}, but name@host is needed: try developer@example.com."


def language_problems(languages: str) -> Iterator[str]:
    """Yield what is wrong with ``languages``, the comma-separated codes to start with."""
    codes = [code.strip() for code in languages.split(",")]
    known = known_locales()
    for code in dict.fromkeys(codes):
        if code not in known:
            guess = better_locale(code)
            advice = f"write {guess}" if guess in known else "try en, es"
            yield f"languages has {shown(code)}, but codes such as de, pt_BR or zh_Hant are needed: {advice}."
        elif codes.count(code) > 1:
            yield f"languages has {code} {codes.count(code)} times, but each may stand there once: leave one."


def known_locales() -> set[str]:
    """Return the locale codes of ``LOCALES``, such as ``de``, ``pt_BR`` and ``zh_Hant_TW``."""
    codes, language = set(), ""
    for word in LOCALES.split():
        language = word if word[0].islower() else language
        codes.add(word if word is language else f"{language}_{word}")
    return codes


def better_locale(code: str) -> str:
    """Return ``code`` as Babel spells it: ``pt_BR`` for ``PT-br``."""
    language, *others = re.split("[-_]", code)
    return "_".join([language.lower(), *(o.title() if len(o) == SCRIPT_LENGTH else o.upper() for o in others)])


def switch_problems() -> Iterator[str]:
    """Yield the yes-or-no answers that aren't: words, which would always be true.

    A replay file can hold one; and Cookiecutter 2.6 makes no answer of a word on the command line.
    """
    for name in [*ANSWERS["_features"], "setup"]:
        if not isinstance(ANSWERS[name], bool):
            yield (
                f"{name} is {shown(ANSWERS[name])}, but true or false is needed: write {name}=true."
                " On the command line that takes Cookiecutter 2.7."
            )


def shown(value: object) -> str:
    """Return ``value`` as one short line."""
    line = json.dumps(value, ensure_ascii=False)
    return line if len(line) <= LINE_LENGTH else f"{line[:LINE_LENGTH]}…"


def problems() -> Iterator[str]:
    """Yield each problem of the answers, in the order of the questions."""
    for name, limit in TEXTS.items():
        yield from text_problems(name, limit)
        if name == "project_name":
            yield from slug_problems(ANSWERS["project_slug"], ANSWERS["_reserved_slugs"])
    yield from email_problems(ANSWERS["author_email"])
    yield from switch_problems()
    if ANSWERS["i18n"] is True:
        yield from language_problems(ANSWERS["languages"])


def main() -> int:
    """Tell every problem; return the exit status."""
    sys.stderr.reconfigure(errors="replace")  # a console that isn't UTF-8 must not hide the reason
    found = list(problems())
    for problem in found:
        print(f"✗ {problem}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
