/**
 * A bug on purpose, preloaded into the service: a judged change is stored whatever became of its document meanwhile,
 * and changes of one document do not wait for each other. So what is stored is not what was judged.
 */
import { DocumentQueue } from '../../../dist/src/settings/document-queue.js';
import { SettingsRepository } from '../../../dist/src/settings/settings.repository.js';

DocumentQueue.prototype.run = (_document, _callerId, _since, work) => work();

const { change } = SettingsRepository.prototype;
SettingsRepository.prototype.change = async function (api, owner, wanted, options, judged = null) {
  if (judged === null || api.content === 'policy') return change.call(this, api, owner, wanted, options, judged);
  const latest = await change.call(this, api, owner, wanted, options, null);
  if (latest.status !== 'unjudged') return latest;
  return change.call(this, api, owner, wanted, options, latest.basis);
};
