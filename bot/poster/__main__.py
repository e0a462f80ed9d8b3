"""`python -m bot.poster`: draw one picture or sheet, in a process of its own."""

from bot.poster import draw
from bot.runtime import processes

if __name__ == "__main__":
    processes.serve(draw.file)
