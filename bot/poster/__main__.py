"""`python -m bot.poster`: draw one picture, in a process of its own."""

from bot import processes
from bot.poster import draw

if __name__ == "__main__":
    processes.serve(draw.png)
