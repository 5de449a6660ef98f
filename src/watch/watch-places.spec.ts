import { expect, it } from 'vitest';
import { TooManyWatchersError, WatchUnavailableError } from './watch.errors.js';
import { type WatcherParties, WatchPlaces } from './watch-places.js';

const LIMITS = { perCaller: 2, perOrganization: 5, total: 30 };

const ada: WatcherParties = { kind: 'stream', callerId: 'ada', isService: false };
const backup: WatcherParties = { kind: 'waiting-read', callerId: 'backup', isService: true };

it('has so many places for a caller, and ten times as many for a service account', () => {
  const places = new WatchPlaces(LIMITS);
  const back = places.take(ada);
  places.take(ada);
  expect(() => places.take(ada)).toThrow(new TooManyWatchersError(2, 'caller'));
  back();
  back();
  places.take(ada);
  expect(() => places.take(ada)).toThrow(TooManyWatchersError);
  for (let n = 0; n < 20; n++) places.take(backup);
  expect(() => places.take(backup)).toThrow(new TooManyWatchersError(20, 'caller'));
  expect(places.counts).toStrictEqual({ stream: 2, 'waiting-read': 20 });
});

it('has so many for one organization, whoever watches it', () => {
  const places = new WatchPlaces(LIMITS);
  const of = (n: number) => ({ ...ada, callerId: `user ${n}`, organizationId: 'acme' });
  for (let n = 0; n < 5; n++) places.take(of(n));
  expect(() => places.take(of(5))).toThrow(new TooManyWatchersError(5, 'organization'));
  places.take({ ...of(5), organizationId: 'umbrella' });
});

it('has so many in all', () => {
  const places = new WatchPlaces(LIMITS);
  const backs = Array.from({ length: 30 }, (_, n) => places.take({ ...ada, callerId: `user ${n}` }));
  expect(() => places.take(backup)).toThrow(WatchUnavailableError);
  backs[0]!();
  places.take(backup);
});
