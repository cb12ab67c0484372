import { readFileSync } from 'node:fs';

/**
 * Puts values in place of a template's variables, as images do from their environment.
 *
 * @param path from the project's folder
 */
export function fillInTemplate(path: string, values: Record<string, string>): string {
  const template = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  return template.replace(/\$\{(\w+)\}/g, (_match, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${path} has an unknown \${${name}}`);
    return value;
  });
}
