"""What in English tells of one or few people: regular expressions over plain text (see `ExposureTable`)."""

from __future__ import annotations

from typing import Final

from dialogs.lang.rules import ExposureTable

_ONE_PERSON: Final = (
    r"woman|lady|girl|neighbou?r|grandmother|mother|mom|mum|member|leader|participant|sister|companion|friend|youngster"
)
_PEOPLE: Final = (
    r"people|persons?|wom[ae]n|m[ae]n|leaders?|mothers?|moms?|mums?|neighbou?rs?|girls?|boys?|members?|participants?"
    r"|sisters?|grandmothers?|friends?|students?|teachers|volunteers|voices|votes?|answers|replies|famil(?:y|ies)"
    r"|companions?|of (?:you|us)|youngsters|households"
)
_SAYING: Final = (
    r"(?:also |have |has |had |would |did |do |does |not |never |already |still |who )*(?:said|say|says|told|asked"
    r"|asks?|wants?|wanted|prefer\w*|answered|wrote|writes?|feels?|felt|think|thinks|thought|mention\w*|voted|propos\w+"
    r"|suggest\w*|agree\w*|disagree\w*|replied|spoke|talked|came|missed|described|lives?|need\w*|chose|pointed|brought"
    r"|objected|shared|reported|disliked|liked|added|raised|found|signed|turned up|showed up|offered|believes?"
    r"|(?:were|was|are|is) (?:against|in favou?r|not|unhappy|afraid|worried)|worr(?:y|ied))"
)
_FEW: Final = r"some|a few|few|others|several|a couple|a handful|another|two or three|one or two"
_ROLE: Final = (
    r"treasurer|secretary|president|vice-?president|chair(?:woman|man|person)?|delegate|midwife|nurse|doctor|teacher"
    r"|headteacher|principal|catechist|coordinator|healer|director|representative|spokeswoman|spokesperson|translator"
    r"|owner|widow|lawyer|cook|baker|shopkeeper|driver|librarian|priest|caretaker|commissioner|steward|bookkeeper"
    r"|health worker|promoter|seamstress|herbalist|cashier|auditor|judge|agent|organi[sz]er|headwoman|headman|elder"
)
_PUBLIC: Final = (
    r"(?: \w+){0,2}? (?:of (?:the )?(?:country|state|republic|municipality)|from (?:the )?(?:ministry|government"
    r"|town hall|council|our team|team)|on (?:our|the) team)"
)

EXPOSURE: Final = ExposureTable(
    people=_PEOPLE,
    saying=_SAYING,
    between=r"(?:of |out of )?(?:the |our |my |other |these |those |them |only |young |older |single )*",
    of=r"(?:of|out of|in|in every|from) (?:the |every |our |all )?",
    percent=r"%|per ?cent",
    only=r"(?:only|just|barely|no more than)",
    before=r"(?:there were|we were|we are|answered by|came to|heard from|voted by)(?: only| just)?",
    but=r"(?:all|everyone|everybody)(?: of you)? (?:but|except(?: for)?)",
    shares=(
        r"(?<!more than )(?<!less than )(?<!over )(?<!about )(?<!nearly )(?<!almost )(?<!fewer than )"
        r"(?:half|a third|two[- ]thirds|three[- ]quarters|a quarter|a fifth|one in (?:three|four|five|ten))"
        r" (?:" + _SAYING + r"|of (?:you|us|the (?:group|women|people|members|leaders)))"
    ),
    ones=(
        r"(?:someone|somebody) (?:of you |in the group |here |among you |else )?"
        + _SAYING
        + r"|(?:someone|somebody) (?:among|in) (?:you|the group|us)|a single (?:person|voice|answer|one|"
        + _ONE_PERSON
        + r")"
        r"|(?:only|just) one(?:[,.;:]|$| "
        + _SAYING
        + r"| of (?:you|us|the)| person| answer| voice| (?:"
        + _ONE_PERSON
        + r"))"
        r"|the only (?:one (?:of|who)|person|man|"
        + _ONE_PERSON
        + r")|one (?:of (?:you|us|the (?:"
        + _PEOPLE
        + r"))|person|"
        + _ONE_PERSON
        + r")|an? (?:"
        + _ONE_PERSON
        + r") (?:who|from|in|told|said|wrote)"
        r"|(?:a couple|a handful) of (?:"
        + _PEOPLE
        + r"|you|us)|(?:one or two|two or three)(?! (?:days|times|hours|weeks))"
    ),
    bands=r"(?:more than|over|at least|about|around|some|nearly|almost|close to|upwards of)",
    below=r"(?:under|less than|fewer than)",
    ranges=(r"between {n} and {n}", r"{n} to {n}", r"{n}-{n}"),
    minority=(
        r"(?:" + _FEW + r")(?: \w+)? (?:of you|" + _PEOPLE + r"|" + _SAYING + r")"
        r"|(?:" + _FEW + r") (?:would|could|can|still|have|had|were|are|did|do|\w+ed)\b"
        r"|(?:" + _FEW + r")(?=[,.;:]|$)|not (?:everyone|everybody|all of you)|(?:a|the) minority|the rest of you"
        r"|those who (?:do|did|were|are) ?n[o']t?|part of the group|hardly anyone|the others|somebody|someone"
        r"|(?:less|fewer) than half|here and there"
    ),
    posts=(
        r"(?:the|our|your|only|\w+'s) (?:\w+ )?(?:" + _ROLE + r")\b(?!" + _PUBLIC + r")",
        r"(?:the|our|that) (?:only )?(?:person|one|man|"
        + _ONE_PERSON
        + r") (?:who|from|with|in|at|of)\b(?!"
        + _PUBLIC
        + r")",
        r"whoever (?:runs|keeps|sells|looks after|owns|has|drives|rents)",
    ),
    of_place=r"(?:the|our) (?:only )?(?:one|person|" + _ONE_PERSON + r"|representative|delegate) from",
    words=frozenset(
        [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
            "spring",
            "summer",
            "autumn",
            "winter",
            "sun",
            "moon",
            "star",
            "rain",
            "snow",
            "storm",
            "wind",
            "breeze",
            "sky",
            "cloud",
            "dawn",
            "river",
            "ocean",
            "sea",
            "sand",
            "earth",
            "fire",
            "water",
            "hope",
            "joy",
            "grace",
            "faith",
            "peace",
            "love",
            "mercy",
            "charity",
            "patience",
            "harmony",
            "honor",
            "honour",
            "justice",
            "liberty",
            "freedom",
            "victory",
            "glory",
            "destiny",
            "melody",
            "chance",
            "will",
            "mark",
            "bill",
            "grant",
            "rose",
            "olive",
            "ivy",
            "lily",
            "daisy",
            "sage",
            "ginger",
            "pepper",
            "cherry",
            "honey",
            "pearl",
            "amber",
            "jade",
            "rocky",
            "art",
            "frank",
            "sunny",
            "happy",
            "lucky",
        ]
    ),
    acts=r"(?:and [^\W\d_a-z]|,|['\u2019]s\b|(?:has|had|also|was) |\w+ed\b|said|told|wrote|asked|says|wants|brought"
    r"|came|made|gave|spoke|felt|found|put|thinks|feels)",
)
