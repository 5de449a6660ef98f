/** Looks for what is typed and not saved, in one place where people type. */
type Look = () => boolean;

const looks: Look[] = [];

export function lookForUnsaved(look: Look): void {
  looks.push(look);
}

export function hasUnsavedChanges(): boolean {
  return looks.some((look) => look());
}
