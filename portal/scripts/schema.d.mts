/** The text that schema.ts must have for the document as it is now. */
export function schemaText(): Promise<string>
