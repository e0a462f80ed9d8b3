"""What went wrong and is a person's to mend: a code of the catalogs with the blanks of its sentence."""


class Problem(Exception):
    """A foreseen error.

    Attributes:
        code: names the sentence that says what is wrong, where, and what to do.
        facts: its blanks.
    """

    def __init__(self, code: str, /, **facts: object) -> None:
        """Keep the code and its blanks."""
        super().__init__(f"{code} {facts}")
        self.code = code
        self.facts = facts
