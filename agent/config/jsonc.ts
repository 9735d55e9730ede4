/** A string, a comment or a comma before a closing bracket: whatever comes first is read whole. */
const TOKEN = /"(?:[^"\\\n]|\\.)*"?|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|,(?=(?:\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*[}\]])/g

/** JSON with comments and trailing commas → JSON. Blanks take their place, so lines and columns stay true. */
export function plainJson(text: string): string {
  return text.replace(TOKEN, (token) => (token.startsWith('"') ? token : token.replace(/[^\n]/g, ' ')))
}
