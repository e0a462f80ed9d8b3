"""What Hilo costs, in ratios that mean the same on a slow machine and on a fast one.

    make bench                      # everything, about five minutes
    make bench ARGS=--quick         # the short form
    make bench ARGS='turns memory'  # some of it

Its parts, each beside its target; nothing here fails because a machine is slow.

`turns`: the CPU of a durable, encrypted turn beyond what the Telegram library costs by itself. A real bot process talks
over HTTP with a double of the Bot API in another process; people answer check-ins there as fast as it speaks. Every
call and every answer is recorded. Then a bare process, which is the same library and a loop and nothing else, makes
exactly the same calls and gets exactly the same answers. What the bot's process used more, by turn, is ours.

`memory`: a running bot's resident memory when nothing happens, and the time from its start to its first answer.

`idle`: the CPU of a running bot when nothing happens, with and without an open page, beside an empty uvicorn and the
client's long poll in the same seconds.

`export`: answers to CSV, opened and written, beside the `sqlite3` shell writing out the same rows as they are, sealed.

`staff`: what a turn of a facilitator takes, screen by screen, with a cohort of 1,000 and more than 50,000 answers; and
how much of it is more than with a cohort of ten.

`large_group`: one group of 5,000 with 200,000 answers: the team's lists and totals, a picture, the record of it in
time and memory, and a leader's turn while somebody opens totals, beside the same while nobody does.

`crowded`: how long a turn's reply and a page wait while fifty pages are open, a file of 20 MB is fetched over and over
and eight files are made, beside how long they wait in the same run with nothing else to do.
"""
