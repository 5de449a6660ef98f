/**
 * Shows the classes of the service that Nest may inject, which a bundle exports to nobody: every decorated class goes
 * through `Reflect.decorate`, which the service brings itself (reflect-metadata).
 */
const INJECTABLE = '__injectable__';

const listeners = [];

/** Has each injectable class shown to the listener when it is defined. */
export function onInjectable(listener) {
  listeners.push(listener);
}

globalThis.Reflect = new Proxy(Reflect, {
  defineProperty(reflect, name, descriptor) {
    const isDecorate = name === 'decorate' && typeof descriptor.value === 'function';
    return Reflect.defineProperty(
      reflect,
      name,
      isDecorate ? { ...descriptor, value: watching(descriptor.value) } : descriptor,
    );
  },
});

function watching(decorate) {
  return (decorators, target, member, ...more) => {
    const decorated = decorate(decorators, target, member, ...more);
    if (member === undefined && Reflect.getMetadata(INJECTABLE, decorated) === true) {
      for (const listener of listeners) listener(decorated);
    }
    return decorated;
  };
}
