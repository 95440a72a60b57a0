"""The types of fields: how each is written in a model, a form, an API and a test."""

from dataclasses import dataclass

MAX_TEXT = 10_000  # characters; four bytes each fit into what MySQL calls TEXT
MAX_INTEGER = 2**31 - 1
MAX_DECIMAL = "9999999999.99"


@dataclass(frozen=True)
class Kind:
    """One type; each text is Python, in which ``{length}``, ``{enum}`` and the like are filled in.

    :param python: what a value is
    :param column: the type of the column
    :param form_field: the class of the field of a form
    :param schema: the class of the field of a schema
    :param sample: a value, which may hold the ``number`` of the row
    :param text: what a browser sends for it
    :param json: what a client of the API sends for it
    :param wrong: values that are refused in a form
    :param wrong_json: values that are refused by the API
    :param checks: the validators of a form, besides whether there is a value
    :param rules: the validators of a schema, besides whether there is a value
    :param filters: of a form
    :param options: further arguments of the field of the form
    """

    python: str
    column: str
    form_field: str
    schema: str
    sample: str
    text: str
    json: str
    wrong: tuple[str, ...] = ()
    wrong_json: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    is_sorted: bool = False
    is_searched: bool = False
    is_listed: bool = True


KINDS = {
    "str": Kind(
        python="str",
        column="String({length})",
        form_field="StringField",
        schema="Text",
        sample='f"{label} {{number}}"[-{length} :]',
        text='"{word}"',
        json='"{word}"',
        wrong=('"x" * {beyond}',),
        wrong_json=('"x" * {beyond}',),
        checks=("Length({least}, {length})",),
        rules=("validate.Length({least}, {length})",),
        filters=("strip",),
        is_sorted=True,
        is_searched=True,
    ),
    "text": Kind(
        python="str",
        column="Text",
        form_field="TextAreaField",
        schema="Text",
        sample='"Some\\n<b>words</b>."',
        text='"Some\\nwords."',
        json='"Some\\nwords."',
        wrong=(f'"x" * {MAX_TEXT + 1}',),
        wrong_json=(f'"x" * {MAX_TEXT + 1}',),
        checks=(f"Length({{least}}, {MAX_TEXT})",),
        rules=(f"validate.Length({{least}}, {MAX_TEXT})",),
        filters=("strip",),
        is_searched=True,
        is_listed=False,
    ),
    "int": Kind(
        python="int",
        column="Integer",
        form_field="IntegerField",
        schema="Integer",
        sample="number",
        text='"3"',
        json="3",
        wrong=('"9" * 25',),
        wrong_json=('"3"', "2**31"),
        checks=("NumberRange(-MAX_INTEGER, MAX_INTEGER)",),
        rules=("validate.Range(-MAX_INTEGER, MAX_INTEGER)",),
        is_sorted=True,
    ),
    "float": Kind(
        python="float",
        column="Double",
        form_field="FloatField",
        schema="fields.Float",
        sample="number + 0.5",
        text='"2.5"',
        json="2.5",
        wrong=('"nan"',),
        wrong_json=('"much"',),
        checks=("is_finite",),
        is_sorted=True,
    ),
    "decimal": Kind(
        python="Decimal",
        column="Numeric(12, 2)",
        form_field="DecimalField",
        schema="Amount",
        sample='Decimal(number) + Decimal("0.50")',
        text='"12.50"',
        json='"12.50"',
        wrong=('"sNaN"', '"10000000000"'),
        wrong_json=('"cheap"', '"10000000000.00"'),
        checks=("is_finite", "NumberRange(-MAX_DECIMAL, MAX_DECIMAL)"),
        filters=("to_cents",),
        is_sorted=True,
    ),
    "bool": Kind(
        python="bool",
        column="",
        form_field="BooleanField",
        schema="Boolean",
        sample="True",
        text='"y"',
        json="True",
        wrong_json=('"perhaps"',),
    ),
    "date": Kind(
        python="dt.date",
        column="Date",
        form_field="DateField",
        schema="fields.Date",
        sample="dt.date(2026, 1, 1) + dt.timedelta(number)",
        text='"2026-02-28"',
        json='"2026-02-28"',
        wrong=('"2026-02-30"',),
        wrong_json=('"2026-02-30"',),
        is_sorted=True,
    ),
    "datetime": Kind(
        python="dt.datetime",
        column="UtcDateTime",
        form_field="MomentField",
        schema="Moment",
        sample="dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC) + dt.timedelta(number)",
        text='"2026-03-01T14:05"',
        json='"2026-03-01T14:05:00+00:00"',
        wrong=('"soon"',),
        wrong_json=('"soon"',),
        is_sorted=True,
    ),
    "time": Kind(
        python="dt.time",
        column="Time",
        form_field="TimeField",
        schema="Time",
        sample="dt.time(8, number % 60)",
        text='"14:05"',
        json='"14:05:00"',
        wrong=('"25:00"',),
        wrong_json=('"25:00"',),
        options=('format=["%H:%M:%S", "%H:%M"]', 'render_kw={"step": 1}'),
    ),
    "uuid": Kind(
        python="UUID",
        column="Uuid",
        form_field="UuidField",
        schema="fields.UUID",
        sample="UUID(int=number)",
        text="str(UUID(int=99))",
        json="str(UUID(int=99))",
        wrong=('"1234"',),
        wrong_json=('"1234"',),
        is_listed=False,
    ),
    "enum": Kind(
        python="{enum}",
        column="Enum({enum}, native_enum=False, length={longest}, validate_strings=True)",
        form_field="SelectField",
        schema="fields.Enum",
        sample="{enum}.{member}",
        text='"{value}"',
        json='"{value}"',
        wrong=('"-"',),
        wrong_json=('"-"',),
    ),
    "json": Kind(
        python="Any",
        column="JSON",
        form_field="JsonField",
        schema="Json",
        sample='{{"number": number}}',
        text="'{{\"a\": [1, 2]}}'",
        json='{{"a": [1, 2]}}',
        wrong=('"{{"',),
        is_listed=False,
    ),
    "email": Kind(
        python="str",
        column="String({length})",
        form_field="EmailField",
        schema="fields.Email",
        sample='f"{name}{{number}}@example.com"',
        text='"ada@example.com"',
        json='"ada@example.com"',
        wrong=('"ada@"',),
        wrong_json=('"ada@"',),
        checks=("Length(max={length})", "is_email"),
        rules=("validate.Length(max={length})",),
        filters=("strip",),
        is_sorted=True,
        is_searched=True,
    ),
    "url": Kind(
        python="str",
        column="String({length})",
        form_field="URLField",
        schema="Url",
        sample='f"https://example.com/{{number}}"',
        text='"https://example.com/a"',
        json='"https://example.com/a"',
        wrong=('"javascript://example.com"',),
        wrong_json=('"javascript://example.com"',),
        checks=("Length(max={length})", "is_web_address"),
        rules=("validate.Length(max={length})",),
        filters=("strip",),
        is_listed=False,
    ),
    "ref": Kind(
        python="int",
        column='ForeignKey("{table}.id"{on_delete})',
        form_field="RowField",
        schema="Integer",
        sample="make_row({target}).id",
        text="str(make_row({target}).id)",
        json="make_row({target}).id",
        wrong=('"0"',),
        wrong_json=("0",),
        rules=("validate.Range(1, MAX_INTEGER)",),
    ),
    "refs": Kind(
        python="list[{target}]",
        column="",
        form_field="RowsField",
        schema="Rows",
        sample="[make_row({target})]",
        text="[str(make_row({target}).id)]",
        json="[make_row({target}).id]",
        wrong=('"0"',),
        wrong_json=('["0"]',),
        is_listed=False,
    ),
}
