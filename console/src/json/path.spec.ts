import { describe, expect, it } from 'vitest';
import { nameOf, pathNamed, withValueAt } from './path.js';

describe('a path', () => {
  it.each([
    ['theme', ['theme']],
    ['security.requireMFA', ['security', 'requireMFA']],
    ['a\\.b.c\\\\d', ['a.b', 'c\\d']],
    ['a/b~c', ['a/b~c']],
  ])('is what people read: %s', (name, path) => {
    expect(nameOf(path)).toBe(name);
    expect(pathNamed(name)).toStrictEqual(path);
  });

  it('may be typed as a JSON Pointer, too', () => {
    expect(pathNamed('/a.b/c~1d')).toStrictEqual(['a.b', 'c/d']);
  });

  it('leads to any key, whatever it means to JavaScript', () => {
    const value = withValueAt(withValueAt({}, ['__proto__', 'a'], 1), ['b', '__proto__'], 2);
    expect(JSON.stringify(value)).toBe('{"__proto__":{"a":1},"b":{"__proto__":2}}');
    expect(JSON.stringify(withValueAt(value, ['__proto__'], undefined))).toBe('{"b":{"__proto__":2}}');
  });
});
