"""What is said in danger in English: phrases that may ring, and words that are marked (see `danger_es`)."""

from __future__ import annotations

from typing import Final

from dialogs.lang.rules import DangerPhrase, DangerTable, Shape, words

_THINGS: Final = "the a an that this up with in for hard like how why"
_SLOTS: Final = {
    "him": (
        "husband boyfriend partner ex dad father stepfather stepdad brother uncle boss girlfriend wife mother mom son "
        "man fiance grandfather"
    ),
    "partner": "husband boyfriend partner ex stepfather stepdad wife girlfriend fiance man",
    "he": "he she they",
    "be": "is was",
    "hits": "hits beats punches slaps kicks chokes hit beat punched slapped kicked choked strangled burned",
    "hitting": "hitting beating punching slapping kicking choking strangling hurting",
    "me": "me us",
    "im": "im",
    "weapon": "gun knife machete weapon rifle",
    "gonna": "gonna",
    "us": "me us",
}
_PHRASES: Final = (
    DangerPhrase(
        "my husband hits me",
        (
            Shape("my <him> <hits> me", "with a up"),
            Shape("my <him> <hits> me up", "for"),
            Shape(
                """my <him> <hits> me with his, my <him> is <hitting> me, my <him> was <hitting> me, my <him> keeps
                <hitting> me, my <him> has been <hitting> me, <he> <hits> me every day, he <hits> me again, he
                <hits> me last night, he is <hitting> me, hes <hitting> me, he keeps <hitting> me, they are
                <hitting> me, theyre <hitting> me"""
            ),
            Shape("he <hits> me when", "i"),
            Shape("he <hits> me up last night", "on for"),
        ),
    ),
    DangerPhrase(
        "he says he will kill me",
        (
            Shape(
                """<he> said he will kill me, <he> said hell kill me, <he> says he will kill me, <he> says hell kill
                me, <he> said he would kill me, <he> says hes going to kill me, <he> said hes going to kill me,
                theyre going to kill us, <he> tried to kill me, threatened to kill me, threatens to kill me,
                threatening to kill me, afraid he will kill me, scared he will kill me, afraid hell kill me, scared
                hell kill me, afraid he is going to kill me, scared hes going to kill me"""
            ),
            Shape(
                "my <partner> is going to kill me, he is going to kill me, hes going to kill me",
                "if for when because over",
            ),
            Shape("he wants to kill me, they want to kill me", "for because"),
        ),
    ),
    DangerPhrase(
        "he threatened me with a weapon",
        (
            Shape(
                """threatened <us> with a <weapon>, threatens <us> with a <weapon>, pointed a <weapon> at <us>, pulled
                a <weapon> on <us>, has a <weapon> and wont let, received death threats, getting death threats, i
                got a death threat"""
            ),
        ),
    ),
    DangerPhrase(
        "he raped me",
        (
            Shape(
                """raped me, is raping me, tried to rape me, wants to rape me, forces me to have sex, forced me to have
                sex, makes me have sex, forces himself on me, forced himself on me, sexually abused me, sexually
                assaulted me, molested me, my <him> touches me, my <him> comes into my bed"""
            ),
        ),
    ),
    DangerPhrase(
        "he has locked me in",
        (
            Shape(
                """has locked me in, locked me in the, locks me in, keeps me locked, is holding me here, holding me
                hostage, my <partner> wont let me leave, kidnapped me, they are taking me, being forced to marry,
                forcing me to marry"""
            ),
            Shape("he wont let me leave", "without until"),
        ),
    ),
    DangerPhrase(
        "I am being followed",
        (
            Shape("i am being followed, im being followed", "on by"),
            Shape("someone is following me, a man is following me", "on"),
            Shape("a car is following me, armed men outside, there are armed men, shooting at us, shooting at me"),
        ),
    ),
    DangerPhrase(
        "I fear for my life",
        (
            Shape(
                """fear for my life, fearing for my life, my life is in danger, were in danger right now, afraid of my
                <partner>, scared of my <partner>, im not safe at home, i am not safe at home"""
            ),
            Shape("i am in danger, im in danger, we are in danger", "of"),
        ),
    ),
    DangerPhrase(
        "I want to end my life",
        (
            Shape(
                """want to end my life, going to end my life, end it all tonight, thinking about killing myself,
                thinking of killing myself, thought about killing myself, thinking about suicide, i am suicidal, im
                suicidal, dont want to be alive, do not want to be alive, wish i was dead, wish i were dead, better
                off without me, better off dead, took pills to die, took a lot of pills, cut my wrists"""
            ),
            Shape("want to kill myself", "over with for because laughing lol"),
            Shape("going to kill myself", "if over with for because laughing lol"),
            Shape("dont want to live anymore, do not want to live anymore", "in here with"),
        ),
    ),
)
_MARKS: Final = """
hits me, hit me, beats me, beat me, beating me, hitting me, punches me, punched me, slaps me, slapped me, kicks me,
kicked me, chokes me, choked me, strangled me, hurts me, hurting me, hits her, beats her, beat her up, abused, abuses
me, abusive, abuser, domestic violence, bruise, bruises, bruised, black eye, screams at me, insults me, controls me,
threatens me, threatened me, threat, threats, threatening, kill me, kill her, kill us, killed her, murder, femicide,
rape, raped, raping, rapist, molested, assaulted, sexual abuse, harassed, harasses, harassing me, stalking me, stalks
me, follows me, following me, locked in, kidnapped, kidnapping, disappeared, missing since, shooting, gunshots, gun,
knife, armed men, scared of, afraid of him, im scared, i am scared, im afraid, i am afraid, terrified, in danger, kill
myself, killing myself, suicide, suicidal, end my life, want to die, wanna die, hurt myself, cutting myself, cut
myself, self harm, cant go on, cannot go on, cant take it anymore, help me please, please help me, i need help, sos,
emergency, forced to, forces me, forced marriage, trafficked, escape from him, run away from him, kicked me out
"""

DANGER: Final = DangerTable(
    phrases=_PHRASES, marks=_MARKS, slots=_SLOTS, denials=words("not never nobody"), subjects=words("my he she they i")
)
