"""How long do plans of approvals take: drawn up, told due, recounted; and the pages of offices?

``SIKU_BENCH_PLANS`` plans (10,000, with about 200,000 items) are as far as a city's are after some
weeks: a few dozen courses of the real decider on the real catalogue, each project a copy of one.
``draw up``: 1,000 projects have entered 前期库 (aimed at: 20 s). ``tell due``: a day comes.
``recount``: the calendar is revised. Then the whole console answers on a real PostgreSQL: the desk
of an office and the list of what is overdue (aimed at: 100 ms at the 95th percentile).
"""

import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import structlog

from bench.rounds import note
from contracts.approval_tracking import Circumstances, ItemState, PlanEvent
from contracts.envelope import Envelope
from contracts.reference import calendar_years
from deploy.embedded.launcher import Stack
from services.approval_tracking.approval_plan.commands import (
    Accept,
    By,
    Command,
    DrawUpPlan,
    Grant,
    Receive,
    TellDue,
)
from services.approval_tracking.approval_plan.decider import PLAN, stream_of
from services.approval_tracking.approval_plan.states import Plan, PlanState
from services.approval_tracking.policies import catalogue_of
from services.approval_tracking.sweeps import draw_up_plans, recount_clocks, tell_due
from services.approval_tracking.views import open_items, planned_projects
from shared.clock import Clock, advance, open_home
from shared.deadline import Calendar
from shared.journal import canonical, open_pool
from shared.migrating import migrate, trees_of
from shared.sweeping import Sweeping
from shared.viewing import Told, View, ViewStore
from shared.working_days import FILE, InForce
from tests.shared.writing import surrounded

PLANS = int(os.environ.get("SIKU_BENCH_PLANS", "10000"))
DRAWN = max(PLANS // 10, 1)
