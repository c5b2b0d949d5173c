"""What a test sees of the feed afterwards: the rows of its inbox, the answers it gave."""

from adapters.hl7v2 import questions, senders, statements


def rows(folder, state=None):
    connection = statements.connect(folder / "inbox.db")
    found = [questions.load(connection, row.seq) for row in reversed(questions.listed(connection, state, 100_000))]
    connection.close()
    return found


def answers(said):
    return [senders.answer(frame.strip(b"\x0b\r")) for frame in said.split(b"\x1c") if frame.strip(b"\r")]


def codes(said):
    return [(answer.code, answer.control_id) for answer in answers(said)]
