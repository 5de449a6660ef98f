/** Preloaded into the service: has it do when the test says so what it does from time to time. */
import { onInjectable } from './injectables.js';
import { answer } from './parent.js';

const METHODS = { SettingsPrunerService: 'prune', HistoryThinnerService: 'thin' };

onInjectable(({ name, prototype }) => {
  const method = METHODS[name];
  if (method === undefined) return;
  const { onApplicationBootstrap } = prototype;
  prototype.onApplicationBootstrap = function () {
    answer(method, () => this[method]());
    onApplicationBootstrap.call(this);
  };
});
