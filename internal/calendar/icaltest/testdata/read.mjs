// Reads iCalendar text from standard input with ical.js, whose module file is
// the first argument, and prints its tree of components as JSON.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { default: ICAL } = await import(pathToFileURL(process.argv[1]).href);

// A calendar's names are texts (RFC 7986); ical.js stops at RFC 5545 and would
// leave them encoded, as it does with every property that it does not know.
ICAL.design.icalendar.property.name = { defaultType: "text" };
ICAL.design.icalendar.property["x-wr-calname"] = { defaultType: "text" };

function component([name, properties, children]) {
  return {
    name: name.toUpperCase(),
    properties: properties.map(([property, parameters, , ...values]) => ({
      name: property.toUpperCase(),
      parameters: Object.fromEntries(
        Object.entries(parameters).map(([key, value]) => [key.toUpperCase(), String(value)]),
      ),
      value: values.map(String).join(","),
    })),
    components: children.map(component),
  };
}

process.stdout.write(JSON.stringify(component(ICAL.parse(readFileSync(0, "utf8")))));
