/* Reads iCalendar text from standard input with libical and prints its tree of
 * components as JSON. Build with: cc read.c -lical */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void quoted(const char *s)
{
    putchar('"');
    for (; s != NULL && *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') {
            printf("\\%c", c);
        } else if (c < 0x20) {
            printf("\\u%04x", c);
        } else {
            putchar(c);
        }
    }
    putchar('"');
}

static void value(icalproperty *property)
{
    icalvalue *v = icalproperty_get_value(property);
    switch (v == NULL ? ICAL_NO_VALUE : icalvalue_isa(v)) {
    case ICAL_NO_VALUE: quoted(""); break;
    case ICAL_TEXT_VALUE: quoted(icalvalue_get_text(v)); break;
    case ICAL_URI_VALUE: quoted(icalvalue_get_uri(v)); break;
    case ICAL_CALADDRESS_VALUE: quoted(icalvalue_get_caladdress(v)); break;
    case ICAL_X_VALUE: quoted(icalvalue_get_x(v)); break;
    default: quoted(icalproperty_get_value_as_string(property)); break;
    }
}

static void parameters(icalproperty *property)
{
    int first = 1;
    icalparameter *p;
    putchar('{');
    for (p = icalproperty_get_first_parameter(property, ICAL_ANY_PARAMETER); p != NULL;
         p = icalproperty_get_next_parameter(property, ICAL_ANY_PARAMETER)) {
        if (!first) putchar(',');
        first = 0;
        if (icalparameter_isa(p) == ICAL_X_PARAMETER) {
            quoted(icalparameter_get_xname(p));
            putchar(':');
            quoted(icalparameter_get_xvalue(p));
        } else if (icalparameter_isa(p) == ICAL_CN_PARAMETER) {
            quoted("CN");
            putchar(':');
            quoted(icalparameter_get_cn(p));
        } else {
            /* as written: NAME=VALUE or NAME="VALUE" */
            char *text = icalparameter_as_ical_string_r(p);
            char *start = strchr(text, '=') == NULL ? text : strchr(text, '=') + 1;
            size_t length = strlen(start);
            if (length > 1 && start[0] == '"' && start[length - 1] == '"') {
                start[length - 1] = '\0';
                start++;
            }
            quoted(icalparameter_kind_to_string(icalparameter_isa(p)));
            putchar(':');
            quoted(start);
            free(text);
        }
    }
    putchar('}');
}

static void component(icalcomponent *c)
{
    int first = 1;
    icalproperty *p;
    icalcomponent *child;
    fputs("{\"name\":", stdout);
    quoted(icalcomponent_isa(c) == ICAL_X_COMPONENT ? "X" : icalcomponent_kind_to_string(icalcomponent_isa(c)));
    fputs(",\"properties\":[", stdout);
    for (p = icalcomponent_get_first_property(c, ICAL_ANY_PROPERTY); p != NULL;
         p = icalcomponent_get_next_property(c, ICAL_ANY_PROPERTY)) {
        if (!first) putchar(',');
        first = 0;
        fputs("{\"name\":", stdout);
        quoted(icalproperty_get_property_name(p));
        fputs(",\"parameters\":", stdout);
        parameters(p);
        fputs(",\"value\":", stdout);
        value(p);
        putchar('}');
    }
    fputs("],\"components\":[", stdout);
    first = 1;
    for (child = icalcomponent_get_first_component(c, ICAL_ANY_COMPONENT); child != NULL;
         child = icalcomponent_get_next_component(c, ICAL_ANY_COMPONENT)) {
        if (!first) putchar(',');
        first = 0;
        component(child);
    }
    fputs("]}", stdout);
}

int main(void)
{
    size_t used = 0, size = 1 << 16, got;
    char *text = malloc(size);
    icalcomponent *root;
    while (text != NULL && (got = fread(text + used, 1, size - used - 1, stdin)) > 0) {
        used += got;
        if (size - used < 2) text = realloc(text, size *= 2);
    }
    if (text == NULL) return 3;
    text[used] = '\0';
    icalerror_set_errors_are_fatal(0);
    root = icalparser_parse_string(text);
    if (root == NULL) {
        fputs("libical found no calendar\n", stderr);
        return 1;
    }
    component(root);
    icalcomponent_free(root);
    free(text);
    return 0;
}
