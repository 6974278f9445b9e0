/** What may have a semicolon that ends nothing: quoted text, names and bodies, and comments. */
const opaque = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\//g

/** Whether a text of SQL has one statement. A body in `begin atomic … end` counts as several, which errs on the safe side. */
export function isOneStatement(text: string): boolean {
  return !/;\s*\S/.test(text.replaceAll(opaque, (part) => (/^(--|\/\*)/.test(part) ? ' ' : 'x')))
}
