/** Preloaded into the service: has it do only when the test says so what it does from time to time. */
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
  // In the place of what starts the timer.
  prototype.onApplicationBootstrap = function () {
    answer(work.question, () => this[work.method]());
  };
});
