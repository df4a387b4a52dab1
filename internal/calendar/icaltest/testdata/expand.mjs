// Reads iCalendar text from standard input and says with ical.js, whose module
// file is the first argument, when its events take place between the instants
// of the second and third: a JSON list of starts and ends in Unix seconds.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { default: ICAL } = await import(pathToFileURL(process.argv[1]).href);
const [from, to] = process.argv.slice(2).map(Number);

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(new ICAL.Timezone(zone));

const events = calendar.getAllSubcomponents("vevent").map((e) => new ICAL.Event(e, { strictExceptions: false, exceptions: [] }));
const masters = new Map(events.filter((e) => !e.isRecurrenceException()).map((e) => [e.uid, e]));
for (const change of events.filter((e) => e.isRecurrenceException())) masters.get(change.uid).relateException(change);

const spans = [];
for (const event of masters.values()) {
  const iterator = event.iterator();
  for (let n = 0; n < 100000; n++) {
    const next = iterator.next();
    if (!next || next.toUnixTime() > to + 40 * 86400) break;
    const { startDate, endDate } = event.getOccurrenceDetails(next);
    const [start, end] = [startDate.toUnixTime(), endDate.toUnixTime()];
    if (start < to && end > from) spans.push([start, end]);
  }
}
process.stdout.write(JSON.stringify(spans.sort((a, b) => a[0] - b[0] || a[1] - b[1])));
