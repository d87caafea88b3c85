// openCypher for the editor: which part of a text is a keyword, a name, a text, a number.
import { HighlightStyle, StreamLanguage, type StringStream, syntaxHighlighting } from '@codemirror/language'
import { tags } from '@lezer/highlight'
import { functions, keywords } from './words'

const isKeyword = new Set(keywords.flatMap((it) => it.toUpperCase().split(' ')))
const isFunction = new Set(functions.map((it) => it.name.toLowerCase()))

interface State {
  /** The quote or comment that is open at the end of a line. */
  open: '"' | "'" | '`' | '*/' | null
  /** The sign before: after `:` comes a label or a type, after `.` a property. */
  before: string
}

function toEnd(stream: StringStream, state: State, end: NonNullable<State['open']>): void {
  let isEscaped = false
  while (!stream.eol()) {
    if (!isEscaped && stream.match(end)) {
      state.open = null
      return
    }
    isEscaped = !isEscaped && stream.peek() === '\\' && end !== '`' && end !== '*/'
    stream.next()
  }
  state.open = end
}

function token(stream: StringStream, state: State): string | null {
  if (state.open !== null) {
    const end = state.open
    toEnd(stream, state, end)
    return end === '*/' ? 'comment' : end === '`' ? 'variableName' : 'string'
  }
  if (stream.eatSpace()) return null
  if (stream.match('//')) {
    stream.skipToEnd()
    return 'comment'
  }
  if (stream.match('/*')) {
    toEnd(stream, state, '*/')
    return 'comment'
  }
  const before = state.before
  const sign = stream.peek() ?? ''
  if (sign === '"' || sign === "'" || sign === '`') {
    stream.next()
    toEnd(stream, state, sign)
    state.before = ''
    return sign === '`' ? 'variableName' : 'string'
  }
  if (stream.match(/^\$[A-Za-z_][A-Za-z0-9_]*/)) {
    state.before = ''
    return 'atom'
  }
  if (stream.match(/^(0x[0-9a-fA-F]+|\d+(\.\d+)?([eE][+-]?\d+)?)/)) {
    state.before = ''
    return 'number'
  }
  const word = stream.match(/^[A-Za-z_][A-Za-z0-9_]*/)
  if (word !== null && word !== true && typeof word !== 'boolean') {
    state.before = ''
    return styleOf(word[0] ?? '', before, stream)
  }
  stream.next()
  state.before = sign === '|' && before === ':' ? ':' : sign
  return sign === ':' || sign === '.' || sign === ',' ? 'punctuation' : 'operator'
}

function styleOf(word: string, before: string, stream: StringStream): string {
  if (before === ':' || before === '|') return 'typeName'
  if (before === '.') return 'propertyName'
  if (isFunction.has(word.toLowerCase()) && stream.match(/^\s*[({]/, false)) return 'function'
  if (/^(true|false|null)$/i.test(word)) return 'atom'
  return isKeyword.has(word.toUpperCase()) ? 'keyword' : 'variableName'
}

export const cypher = StreamLanguage.define<State>({
  name: 'cypher',
  startState: () => ({ open: null, before: '' }),
  token,
  tokenTable: { function: tags.function(tags.variableName) },
  languageData: {
    commentTokens: { line: '//', block: { open: '/*', close: '*/' } },
    closeBrackets: { brackets: ['(', '[', '{', "'", '"', '`'] },
  },
})

/** Colours from the tokens of the portal, so that both themes have theirs. */
export const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.keyword, color: 'var(--colorBrandForeground1)', fontWeight: '600' },
    { tag: tags.typeName, color: 'var(--verdict-unknown)' },
    { tag: tags.propertyName, color: 'var(--colorNeutralForeground1)' },
    { tag: tags.function(tags.variableName), color: 'var(--severity-low)' },
    { tag: tags.string, color: 'var(--verdict-healthy)' },
    { tag: [tags.number, tags.atom], color: 'var(--severity-high)' },
    { tag: tags.comment, color: 'var(--colorNeutralForeground3)', fontStyle: 'italic' },
    { tag: [tags.operator, tags.punctuation], color: 'var(--colorNeutralForeground2)' },
  ]),
)
