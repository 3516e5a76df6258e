"""What a team would write by hand: FastAPI, async, checked by pydantic. It only runs the model.

It knows no keys, tenants, quotas, routes or transforms, records nothing and measures nothing. `fastapi.txt` has the
versions that it runs with, in an environment of its own.
"""

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
