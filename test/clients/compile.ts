import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import type ts5 from 'typescript'

/**
 * `node compile.ts FOLDER`: compiles every client in one program, by the TypeScript that is installed for them (the
 * generators do not accept a newer one), and prints what is wrong as JSON.
 */
export type Compiled = {
  /** Files whose names were looked at. */
  readonly files: number
  /** Diagnostics by the folder of the client. */
  readonly errors: Readonly<Record<string, readonly string[]>>
  /** Expressions and members of type `any`, by the folder of the client. */
  readonly untyped: Readonly<Record<string, readonly string[]>>
  /** The diagnostics of `forgotten.ts`, which must not compile, by its folder. */
  readonly forgotten: Readonly<Record<string, readonly string[]>>
}

const [, , folder = ''] = process.argv
const ts = createRequire(join(folder, 'tsconfig.json'))('typescript') as typeof ts5
const OWN = /\/(calls|client|names|shift)\.ts$/
const UNTYPED_MAX = 20

function add(to: Record<string, string[]>, file: string, finding: string): void {
  const name = relative(folder, file).split('/')[0] ?? ''
  to[name] = [...(to[name] ?? []), finding]
}

function place(file: ts5.SourceFile, start: number): string {
  const { line } = file.getLineAndCharacterOfPosition(start)
  return `${relative(folder, file.fileName)}:${line + 1}`
}

/** Names in the source whose type is `any`. */
function untypedNames(file: ts5.SourceFile, checker: ts5.TypeChecker): string[] {
  const found: string[] = []
  const visit = (node: ts5.Node): void => {
    if (ts.isIdentifier(node) && isOfValue(node) && isAny(checker.getTypeAtLocation(node)))
      found.push(`${place(file, node.getStart())} ${node.text}`)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** False for `const` in `as const`, and for the member that a pattern takes out: `{ id: registerId }`. */
function isOfValue(node: ts5.Identifier): boolean {
  const { parent } = node
  if (ts.isTypeReferenceNode(parent)) return node.text !== 'const'
  return !(ts.isBindingElement(parent) && parent.propertyName === node)
}

function isAny(type: ts5.Type): boolean {
  return (type.flags & ts.TypeFlags.Any) !== 0
}

/** Paths to members of type `any`, in all exported types of a file. */
function untypedMembers(file: ts5.SourceFile, checker: ts5.TypeChecker): string[] {
  const found: string[] = []
  const seen = new Set<ts5.Type>()
  const visit = (type: ts5.Type, path: string): void => {
    if (isAny(type)) found.push(path)
    if (seen.has(type)) return
    seen.add(type)
    for (const part of partsOf(type, checker)) visit(part.type, path + part.path)
  }
  const symbol = checker.getSymbolAtLocation(file)
  for (const name of symbol === undefined ? [] : checker.getExportsOfModule(symbol)) {
    const declared = name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name
    visit(checker.getDeclaredTypeOfSymbol(declared), name.name)
  }
  return found
}

type Part = { readonly type: ts5.Type; readonly path: string }

/** The types that data of a type contain: of a union, of an array, of a record and of an object. */
function partsOf(type: ts5.Type, checker: ts5.TypeChecker): Part[] {
  if (type.isUnionOrIntersection()) return type.types.map((part) => ({ type: part, path: '' }))
  if ((type.flags & ts.TypeFlags.Object) === 0 || type.getCallSignatures().length > 0) return []
  const values = checker.getIndexInfosOfType(type).map(({ type: value }) => ({ type: value, path: '[]' }))
  if (checker.isArrayType(type)) return values
  const members = type.getProperties()
  return [...values, ...members.map((member) => ({ type: checker.getTypeOfSymbol(member), path: `.${member.name}` }))]
}

const parsed = ts.getParsedCommandLineOfConfigFile(join(folder, 'tsconfig.json'), undefined, {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
    throw new Error(String(messageText))
  },
})
if (parsed === undefined) throw new Error(`${folder}/tsconfig.json cannot be read`)
const program = ts.createProgram(parsed.fileNames, parsed.options)
const checker = program.getTypeChecker()
const errors: Record<string, string[]> = {}
const untyped: Record<string, string[]> = {}
const forgotten: Record<string, string[]> = {}
for (const { file, start = 0, messageText } of ts.getPreEmitDiagnostics(program)) {
  const words = ts.flattenDiagnosticMessageText(messageText, '\n')
  if (file?.fileName.endsWith('/forgotten.ts')) add(forgotten, file.fileName, words)
  else add(errors, file?.fileName ?? join(folder, 'tsconfig.json'), file ? `${place(file, start)} ${words}` : words)
}
const own = program
  .getSourceFiles()
  .filter(({ fileName }) => OWN.test(fileName) && dirname(dirname(fileName)) === folder)
for (const file of own) {
  const members = file.fileName.endsWith('/names.ts') ? untypedMembers(file, checker) : []
  const findings = [...untypedNames(file, checker), ...members]
  for (const finding of findings.slice(0, UNTYPED_MAX)) add(untyped, file.fileName, finding)
}
program.emit()
console.log(JSON.stringify({ files: own.length, errors, untyped, forgotten } satisfies Compiled))
