"""Counts the journeys of a file of touches with nothing but the standard library.

usage: criteo_journeys.py FILE [MAX_LENGTH]

FILE is a CSV (or its gzip) with the columns journey_id, user_id, time_s, campaign, converted. Prints JSON:
journeys, users, touches, converting journeys, touches and last touches per channel, how many journeys have
each length, seconds from first to last touch in all, and the same of the last MAX_LENGTH touches.
"""

import collections
import csv
import gzip
import json
import sys


def main():
    path = sys.argv[1]
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    opened = gzip.open(path, "rt") if path.endswith(".gz") else open(path)
    journeys = collections.OrderedDict()
    for row in csv.DictReader(opened):
        journey = journeys.setdefault(row["journey_id"], [])
        journey.append((float(row["time_s"]), len(journey), row["campaign"], row["user_id"], row["converted"]))
    channels, last, lengths = collections.Counter(), collections.Counter(), collections.Counter()
    converting = last_converting = seconds = kept = cut_journeys = 0
    kept_channels = collections.Counter()
    users = set()
    converted_last = collections.Counter()
    for touches in journeys.values():
        touches.sort()
        channels.update(touch[2] for touch in touches)
        last[touches[-1][2]] += 1
        lengths[len(touches)] += 1
        seconds += touches[-1][0] - touches[0][0]
        users.add(touches[0][3])
        if touches[0][4] == "1":
            converting += 1
            converted_last[touches[-1][2]] += 1
        kept_channels.update(touch[2] for touch in touches[-most:])
        kept += min(len(touches), most)
        cut_journeys += len(touches) > most
    print(
        json.dumps(
            {
                "journeys": len(journeys),
                "users": len(users),
                "touches": sum(channels.values()),
                "converting": converting,
                "channels": channels,
                "last": last,
                "convertedLast": converted_last,
                "lengths": lengths,
                "seconds": seconds,
                "kept": kept,
                "keptChannels": kept_channels,
                "cutJourneys": cut_journeys,
            }
        )
    )


main()
