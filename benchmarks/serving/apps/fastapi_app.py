"""What a team would write by hand: FastAPI, async, checked by pydantic. It only runs the model.

python fastapi_app.py PORT PROCESSES
"""

import sys

import uvicorn
from fastapi import FastAPI
from model import NAMES, probabilities, probability
from pydantic import BaseModel


class Event(BaseModel):
    features: dict[str, float]


class Rows(BaseModel):
    rows: list[list[float]]


class Answer(BaseModel):
    probability: float


class Answers(BaseModel):
    probabilities: list[float]


app = FastAPI()


@app.post("/score")
async def score(event: Event) -> Answer:
    return Answer(probability=probability([event.features[name] for name in NAMES]))


@app.post("/batch")
async def batch(sent: Rows) -> Answers:
    return Answers(probabilities=probabilities(sent.rows))


if __name__ == "__main__":
    port, processes = map(int, sys.argv[1:])
    uvicorn.run("fastapi_app:app", host="127.0.0.1", port=port, workers=processes,
                loop="uvloop", http="httptools", access_log=False)  # fmt: skip
