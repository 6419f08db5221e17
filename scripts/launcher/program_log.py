"""A program's output on its way into a log, without its middle if it is long."""

from collections import deque

# Characters that are kept of the start and of the end of an output.
HEAD = TAIL = 10**6


class ProgramLog:
    """Prints an output's first `HEAD` characters as they come, and its last `TAIL` at the end."""

    def __init__(self, head: int = HEAD, tail: int = TAIL):
        self.head_left = head
        self.tail_size = tail
        self.tail: deque[str] = deque()
        self.tail_characters = 0
        self.dropped = 0

    def write(self, line: str) -> None:
        """Print a line or keep it for the end."""
        size = len(line) + 1
        if self.head_left >= size and not self.tail:
            self.head_left -= size
            print(line, flush=True)
            return
        self.tail.append(line)
        self.tail_characters += size
        while self.tail_characters > self.tail_size and len(self.tail) > 1:
            size = len(self.tail.popleft()) + 1
            self.tail_characters -= size
            self.dropped += size

    def close(self) -> None:
        """Print what was kept for the end, after a line that says how much is missing."""
        if self.dropped:
            print(f"[{self.dropped:,} characters of the program's output are cut here]")
        for line in self.tail:
            print(line)
        self.tail.clear()
