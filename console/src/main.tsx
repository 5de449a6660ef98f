import { render } from 'preact';
import { App } from './app.js';
import { hasUnsavedChanges } from './document/unsaved.js';
import { takeDemoKey } from './session/demo.js';
import './style.css';

takeDemoKey();
addEventListener('beforeunload', (event) => {
  if (hasUnsavedChanges()) event.preventDefault();
});
render(<App />, document.getElementById('console')!);
