"""The two tables of sentences are whole, and stay as they were written."""

from collections import Counter
from hashlib import sha256

from tests.bot import sentences

VOICES = ("mountains", "city", "teenager", "workshop")
WRITTEN = {
    "danger.txt": "976a14656517bbcb6f075109a345282b9d4f226d3cf9fa8eb5a5d2a9d8cf8a33",
    "ordinary.txt": "a27bc4beea53e7b9c5dfa2db2a6b5025d4bd2542712a029ea74a4ae9f3c02323",
}


def test_each_table_has_150_sentences() -> None:
    """120 in Spanish and 30 in English, in four voices, none twice and none in both tables."""
    tables = (sentences.danger(), sentences.ordinary())
    for table in tables:
        assert Counter(each.language for each in table) == {"es": 120, "en": 30}
        assert Counter(each.voice for each in table if each.language == "es") == dict.fromkeys(VOICES, 30)
        assert {each.voice for each in table if each.language == "en"} == set(VOICES)
    assert len({each.text for table in tables for each in table}) == 300


def test_the_tables_stay_as_they_were_written() -> None:
    """Whoever changes a table after the matching was written has to say so here: it would measure itself."""
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in sentences.FOLDER.glob("*.txt")}

    assert found == WRITTEN
