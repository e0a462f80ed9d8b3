"""Errors that a person can mend: a code of the catalogs, with the values for its sentence."""


class Problem(Exception):
    """An error that was foreseen.

    Attributes:
        code: names the sentence that says what is wrong, where, and what to do.
        facts: the values for the sentence's blanks.
    """

    def __init__(self, code: str, /, **facts: object) -> None:
        super().__init__(f"{code} {facts}")
        self.code = code
        self.facts = facts
