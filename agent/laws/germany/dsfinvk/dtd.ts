/** Content models of the GDPdU description standard of 1 September 2004; all other elements have text or are empty. */
const MODELS: readonly (readonly [element: string, content: string])[] = [
  ['DataSet', '(Extension*, Version, DataSupplier?, Command*, Media+, Command*)'],
  ['Extension', '(Name, URL)'],
  ['DataSupplier', '(Name, Location, Comment)'],
  ['Media', '(Name, Command*, Table*, Command*, AcceptNoTables?)'],
  [
    'Table',
    '(URL, Name?, Description?, Validity?, (ANSI | Macintosh | OEM | UTF16 | UTF7 | UTF8)?, ' +
      '(DecimalSymbol, DigitGroupingSymbol)?, SkipNumBytes?, Range?, Epoch?, (VariableLength | FixedLength))',
  ],
  ['Validity', '(Range, Format?)'],
  ['Range', '(From, (To | Length)?)'],
  [
    'VariableLength',
    '(ColumnDelimiter?, RecordDelimiter?, TextEncapsulator?, ' +
      '((VariablePrimaryKey+, VariableColumn*) | (VariableColumn+)), ForeignKey*)',
  ],
  ['VariablePrimaryKey', '(Name, Description?, (Numeric | (AlphaNumeric, MaxLength?) | Date), Map*)'],
  ['VariableColumn', '(Name, Description?, (Numeric | (AlphaNumeric, MaxLength?) | Date), Map*)'],
  ['FixedLength', '((Length | RecordDelimiter)?, ((FixedPrimaryKey+, FixedColumn*) | (FixedColumn+)), ForeignKey*)'],
  ['FixedPrimaryKey', '(Name, Description?, (Numeric | AlphaNumeric | Date), Map*, FixedRange)'],
  ['FixedColumn', '(Name, Description?, (Numeric | AlphaNumeric | Date), Map*, FixedRange)'],
  ['FixedRange', '(From, (To | Length))'],
  ['ForeignKey', '(Name+, References, Alias*)'],
  ['Alias', '(From, To)'],
  ['Map', '(Description?, From, To)'],
  ['Numeric', '((ImpliedAccuracy | Accuracy)?)'],
  ['Date', '(Format?)'],
]

const EMPTY_ELEMENTS = 'AlphaNumeric ANSI Macintosh OEM UTF16 UTF7 UTF8'
const TEXT_ELEMENTS =
  'Version Location Comment Length References From To AcceptNoTables MaxLength TextEncapsulator Accuracy ' +
  'ImpliedAccuracy Format DecimalSymbol DigitGroupingSymbol Command URL Description Name Epoch ColumnDelimiter ' +
  'RecordDelimiter SkipNumBytes'

/** The DTD that index.xml names. */
export function gdpduDtd(): string {
  const declarations = [
    ...MODELS,
    ...EMPTY_ELEMENTS.split(' ').map((element) => [element, 'EMPTY'] as const),
    ...TEXT_ELEMENTS.split(' ').map((element) => [element, '(#PCDATA)'] as const),
  ]
  const lines = declarations.map(([element, content]) => `<!ELEMENT ${element} ${content}>`)
  return ['<?xml version="1.0" encoding="UTF-8"?>', ...lines, ''].join('\r\n')
}
