"""What should not be promised in English: regular expressions of whole words, by kind (see `PromiseTable`)."""

from __future__ import annotations

from typing import Final

from dialogs.lang.rules import PromiseTable

PROMISES: Final = PromiseTable(
    kinds={
        "soon": r"soon\w*|right away|immediately|at once|instantly|shortly|promptly|in no time"
        r"|at that moment|straight away",
        "seen": r"(?:has|have) (?:already )?(?:seen|read|heard) (?:it|you|this|your)|(?:is|are) (?:reading|listening)"
        r"|(?:the team|somebody|someone) (?:already )?(?:knows|hears of)",
        "call": r"(?:will|is going to|are going to|'ll) (?:call|phone|ring|contact|help|reach|answer) you"
        r"|(?:the team|somebody|someone) (?:calls|phones|helps|answers) you",
        "coming": r"(?:help|somebody|someone|the team|the police|they|we) (?:is|are|'re) "
        r"(?:coming|near|on (?:the|their|its) way)"
        r"|(?:somebody|someone|the team|we|they) (?:will|is going to|are going to|'ll) come",
        "safe": r"safe\w*|unsafe|secure\w*|security|protected|risk-free|without (?:any )?risk",
        "secret": r"secret\w*|confidential\w*|private\w*|privacy|anonym\w+"
        r"|nobody else (?:knows|can (?:see|read)|(?:sees|reads) (?:it|what|this chat))",
        "watches": r"watch(?:es|ing)? (?:over|out for)|keeps? (?:an eye|watch)|looks? after you|take care of you"
        r"|(?:you are|you're) not alone|with you all the time",
    },
    allowed=(
        r"is not secret|nor keeps watch|as soon as|ends too soon|every problem at once|“Privacy and Security”"
        r"|written here is no risk to you"
    ),
)
