/** Preloaded into the service: has it do when the test says so what it does from time to time. */
import { onInjectable } from './injectables.js';
import { answer } from './parent.js';

/** What does it in which class, and what asks for it. */
const WORK = {
  SettingsPrunerService: { method: 'prune', question: 'prune' },
  InvitationPrunerService: { method: 'prune', question: 'prune-invitations' },
  HistoryThinnerService: { method: 'thin', question: 'thin' },
};

onInjectable(({ name, prototype }) => {
  const work = WORK[name];
  if (work === undefined) return;
  const { onApplicationBootstrap } = prototype;
  prototype.onApplicationBootstrap = function () {
    answer(work.question, () => this[work.method]());
    onApplicationBootstrap.call(this);
  };
});
