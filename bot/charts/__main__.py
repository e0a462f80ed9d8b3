"""`python -m bot.charts`: draw one picture, in a process of its own."""

from bot.charts import draw
from bot.runtime import processes

if __name__ == "__main__":
    processes.serve(draw.file)
