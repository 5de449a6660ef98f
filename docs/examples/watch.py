"""Prints each new version of your organization's settings, with Python alone.

FLASHBACK_BASE_URL=http://127.0.0.1:3000 FLASHBACK_ACCESS_TOKEN=eyJ… python3 watch.py
"""
import json, os, random, sys, time, urllib.error, urllib.request

url = os.environ["FLASHBACK_BASE_URL"] + "/settings/stream"
headers = {"Authorization": "Bearer " + os.environ["FLASHBACK_ACCESS_TOKEN"], "Accept": "text/event-stream"}
while True:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=35) as stream:
            event = {}
            for line in stream:
                name, _, value = line.decode().rstrip("\r\n").partition(":")
                event[name] = value.removeprefix(" ")
                if line.strip():
                    continue
                if "id" in event:
                    headers["Last-Event-ID"] = event["id"]
                if event.get("event") == "end":
                    sys.exit("ended: " + event["data"])
                if "data" in event:
                    print(event["event"], json.loads(event["data"]), flush=True)
                event = {}
    except urllib.error.HTTPError as error:
        if error.code not in (429, 500, 502, 503, 504):
            sys.exit(error.read().decode())
    except OSError:
        pass
    time.sleep(2 * (0.5 + random.random()))
