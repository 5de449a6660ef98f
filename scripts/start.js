// Builds what is stale, and becomes the service.
import './build-if-stale.js';

// npm starts us through a shell, which a signal ends without a word to us. When our parent is gone, so is the start.
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watch);
  process.kill(process.pid, 'SIGTERM');
}, 500);
watch.unref();

await import('../dist/service/main.js');
