/** One token of JSON. The `value` of a string has no quotes and escapes. */
export type Token = { kind: '{' | '}' | '[' | ']' | ':' | ',' | 'literal' | 'end' } | { kind: 'string'; value: string }

/** The text is not JSON, or a token is longer than any token of a DEP can be. */
export class Dep7SyntaxError extends Error {
  override readonly name = 'Dep7SyntaxError'
}

const TOKEN_MAX_CHARS = 262_144
const BLANKS = /[ \t\r\n]*/y
const TOKEN = /([{}[\],:])|"([^"\\\p{Cc}]*(?:\\.[^"\\\p{Cc}]*)*)"|(true|false|null|-?\d[\d.eE+-]*(?=[\s,\]}]))/uy

/** Reads the JSON tokens of a byte stream; keeps one chunk and one token in memory. Throws Dep7SyntaxError. */
export class Dep7Lexer {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  #text = ''
  #at = 0
  #ended = false

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  async next(): Promise<Token> {
    for (;;) {
      const token = this.#read()
      if (token) return token
      if (this.#ended) return this.#end()
      await this.#more()
    }
  }

  #read(): Token | undefined {
    BLANKS.lastIndex = this.#at
    BLANKS.test(this.#text)
    this.#at = BLANKS.lastIndex
    TOKEN.lastIndex = this.#at
    const match = TOKEN.exec(this.#text)
    if (!match) return undefined
    this.#at = TOKEN.lastIndex
    const [, mark, string] = match
    if (mark !== undefined) return { kind: mark as ',' }
    return string === undefined ? { kind: 'literal' } : { kind: 'string', value: unescaped(string) }
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#chunks.next()
    const rest = this.#text.slice(this.#at)
    if (rest.length > TOKEN_MAX_CHARS) throw new Dep7SyntaxError('a token is longer than 256 KiB or not JSON')
    this.#text = rest + this.#decode(done ? undefined : value)
    this.#at = 0
    this.#ended = done === true
  }

  #decode(bytes: Uint8Array | undefined): string {
    try {
      return bytes ? this.#decoder.decode(bytes, { stream: true }) : this.#decoder.decode()
    } catch {
      throw new Dep7SyntaxError('the bytes are not UTF-8')
    }
  }

  #end(): Token {
    if (this.#at === this.#text.length) return { kind: 'end' }
    const rest = this.#text.slice(this.#at, this.#at + 20)
    throw new Dep7SyntaxError(`no JSON at ${JSON.stringify(rest)}`)
  }
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  try {
    return String(JSON.parse(`"${text}"`))
  } catch {
    throw new Dep7SyntaxError('a string with a wrong escape')
  }
}
