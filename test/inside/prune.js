/** Preloaded into the service: has it do when the test says so what it does once a day. */
import { onInjectable } from './injectables.js';
import { answer } from './parent.js';

onInjectable(({ name, prototype }) => {
  if (name !== 'SettingsPrunerService') return;
  const { onApplicationBootstrap } = prototype;
  prototype.onApplicationBootstrap = function () {
    answer('prune', () => this.prune());
    onApplicationBootstrap.call(this);
  };
});
