"""Every sentence of the schema and the stores is whole in both languages."""

import string
import tomllib
from importlib.resources import files

import pytest


@pytest.mark.parametrize("area", ["schema", "store"])
def test_both_languages_say_the_same_things(area):
    source = files("zhenxing.i18n") / "catalogue" / f"{area}.toml"
    for name, entry in tomllib.loads(source.read_text(encoding="utf-8")).items():
        assert set(entry) == {"zh", "en"}, name
        fields = {
            language: {field for _, field, _, _ in string.Formatter().parse(entry[language]) if field}
            for language in entry
        }
        assert fields["zh"] == fields["en"], name
        assert entry["zh"] != entry["en"], name
