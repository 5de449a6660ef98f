import { setFlagsFromString } from 'node:v8';

/**
 * Must be imported before anything else, so that it holds for all code.
 *
 * V8 learns where long-lived objects are made, and makes them in the old generation from then on. While many callers
 * are new, or the database is slow, requests do live long, and V8 learns the wrong thing for good: requests become
 * garbage among the old objects, which only a full collection removes, and keep all that they refer to
 * (docs/adr/0014-no-pretenuring.md).
 */
setFlagsFromString('--no-allocation-site-pretenuring');
