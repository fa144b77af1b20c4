import pytest
from tandem.conversations import turns
from tests.controls.test_controls_machine import answers_who_waited_again
from tests.tickets.walking import Broken, walk
@pytest.mark.parametrize("seed", [20261120, 1,2,3])
async def test_it(place, cast, monkeypatch, seed):
    answers_who_waited_again(monkeypatch)
    n=[]
    real=turns.end_waiting
    async def ew(tx, cid, status):
        r=await real(tx,cid,status); n.append(len(r)); return r
    monkeypatch.setattr(turns,"end_waiting",ew)
    try:
        w=await walk(place, cast, seed, 1200); print(seed, "none", sum(n), len(n), w.done, w.refused)
    except Broken as b: print(seed, b, sum(n), len(n))
