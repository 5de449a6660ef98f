import { setFlagsFromString } from 'node:v8';

/*
 * Must be imported before anything else, so that it holds for all code.
 *
 * V8 learns where long-lived objects are made, and makes them in the old generation from then on. While many callers
 * are new, or the database is slow, requests do live long, and V8 learns the wrong thing for good: requests become
 * garbage among the old objects, which only a full collection removes, and keep all that they refer to
 * (docs/adr/0014-no-pretenuring.md).
 */
setFlagsFromString('--no-allocation-site-pretenuring');

/*
 * V8 lets the old generation grow up to four times before it collects it. Large documents are old as soon as one
 * collection of the young finds them on their way to a caller, so a few callers who read them filled hundreds of
 * megabytes with garbage (docs/adr/0035-heap-doubles-at-most.md).
 */
setFlagsFromString('--heap-growing-percent=100');
