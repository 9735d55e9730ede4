/** A collection as Postman runs it: variables, one request after the other, and the tests of each. */
export type Collection = {
  readonly variable: readonly { readonly key: string; readonly value: string }[]
  readonly auth: { readonly bearer: readonly { readonly value: string }[] }
  readonly item: readonly Item[]
}

export type Item = {
  readonly name: string
  readonly event: readonly { readonly script: { readonly exec: readonly string[] } }[]
  readonly request: {
    readonly method: string
    readonly header: readonly { readonly key: string; readonly value: string }[]
    readonly url: { readonly raw: string }
    readonly body?: { readonly raw: string }
  }
}

/** `failures`: its tests that failed, with what was answered. */
export type Run = {
  readonly name: string
  readonly status: number
  readonly isReplay: boolean
  readonly failures: string[]
}

export async function runCollection(collection: Collection, values: Readonly<Record<string, string>>): Promise<Run[]> {
  const variables = new Map([
    ...collection.variable.map(({ key, value }) => [key, value] as const),
    ...Object.entries(values),
  ])
  const filled = (text: string): string =>
    text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name) => variables.get(name) ?? whole)
  const runs: Run[] = []
  for (const { name, request, event } of collection.item) {
    const response = await fetch(filled(request.url.raw), {
      method: request.method,
      headers: [
        ...request.header.map(({ key, value }): [string, string] => [key, filled(value)]),
        ['Authorization', `Bearer ${filled(collection.auth.bearer[0]?.value ?? '')}`],
      ],
      ...(request.body && { body: filled(request.body.raw) }),
    })
    const text = await response.text()
    const failures = event.flatMap(({ script }) =>
      failuresOf(script.exec, { status: response.status, text, variables }),
    )
    runs.push({
      name,
      status: response.status,
      isReplay: response.headers.get('idempotent-replayed') === 'true',
      failures,
    })
  }
  return runs
}

type Answered = { readonly status: number; readonly text: string; readonly variables: Map<string, string> }

/** Runs the lines of a test with the part of `pm` that they use. */
function failuresOf(lines: readonly string[], { status, text, variables }: Answered): string[] {
  const failures: string[] = []
  const have = {
    status: (wanted: number) => {
      if (status !== wanted) throw new Error(`${status}: ${text.slice(0, 300)}`)
    },
  }
  const pm = {
    response: { to: { have }, json: () => JSON.parse(text) as unknown },
    collectionVariables: { set: (name: string, value: string) => void variables.set(name, value) },
    test: (title: string, check: () => void) => {
      try {
        check()
      } catch (error) {
        failures.push(`${title}: ${String(error)}`)
      }
    },
  }
  new Function('pm', lines.join('\n'))(pm)
  return failures
}
