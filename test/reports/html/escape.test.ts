/**
 * Markup: whatever is put into a template is text, and stays text, whatever is in it.
 */
import { expect, test } from 'vitest'
import { escapeText, markup } from '../../../reports/html/escape.ts'

test('what is put into a template is text, what is markup stays markup', () => {
  const inner = markup`<b>${'a < b & "c"'}</b>`
  expect(markup`<p title="${`x" onload='y'`}">${inner}</p>`.text).toBe(
    '<p title="x&quot; onload=&#39;y&#39;"><b>a &lt; b &amp; &quot;c&quot;</b></p>',
  )
})

test('null is nothing, lists are joined, numbers are rounded to hundredths', () => {
  expect(markup`${null}|${['<', markup`<br>`]}|${1.23456}`.text).toBe('|&lt;<br>|1.23')
})

test('control characters and lone surrogates are replaced, line feeds and emoji kept', () => {
  expect(escapeText('a\u0000b\u001b[31mc\nd\ud800e😀')).toBe('a�b�[31mc\nd�e😀')
})
