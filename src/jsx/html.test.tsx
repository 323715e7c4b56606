import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Child } from './html.ts'
import { element, fragment, repeatedElement } from './html.ts'

/** Texts that try to be more than text, alone and between arbitrary others. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom('<', '>', '"', "'", '&', '</td>', '<script>', '"><img src=x onerror=x>', "' onload='x"),
      fc.constantFrom(
        '<!--',
        '-->',
        ']]>',
        '&lt;',
        '&#60;',
        '&amp',
        '\0',
        '\n',
        '`',
        '=',
        '/',
        '</textarea>',
      ),
      fc.string({ unit: 'binary' }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''))

/** What a browser reads where this stands, as text or between double quotes. */
function read(markup: string): string {
  return markup.replaceAll(
    /&(?:amp|lt|gt|quot|#39);/g,
    (entity) => ({ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" })[entity] ?? '',
  )
}

test('a text is read as it was, whatever is in it, and begins and ends nothing', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const [, inside = ''] = /^<p>(.*)<\/p>$/s.exec(String(<p>{text}</p>)) ?? []

      expect(inside).not.toMatch(/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/)
      expect(read(inside)).toBe(text)
    }),
  )
})

test('the value of an attribute is read as it was, whatever is in it, and ends nothing', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const [, inside = ''] = /^<i title="(.*)"><\/i>$/s.exec(String(<i title={text} />)) ?? []

      expect(inside).not.toMatch(/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/)
      expect(read(inside)).toBe(text)
    }),
  )
})

test('text that came out of markup is text again', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const once = <b>{text}</b>

      expect(read(String(fragment(String(once))))).toBe(String(once))
      expect(read(String(fragment(`${once}`)))).toBe(String(once))
    }),
  )
})

test('what only looks like markup is none', () => {
  const forged: readonly unknown[] = [
    { toString: () => '<script>' },
    { isEscaped: true, toString: () => '<script>' },
    Object.assign(Object.create(Object.getPrototypeOf(<p />)), { text: '<script>' }),
    JSON.parse('{"#text":"<script>","isEscaped":true}'),
    Object('<script>'),
  ]

  for (const one of forged) {
    expect(() => element('p', { children: one })).toThrow(TypeError)
    expect(() => element('p', { title: one })).toThrow(TypeError)
  }
})

test('children are written in their order, however they are nested', () => {
  const children: Child = ['a', [1, [2n, <b>3</b>]], null, undefined, true, false, 0, '']

  expect(String(<p>{children}</p>)).toBe('<p>a12<b>3</b>0</p>')
})

test('a component is called with what stands between its tags', () => {
  const Twice = ({ of, children }: { readonly of: string; readonly children?: Child }) => (
    <>
      {of}
      {children}
      {children}
    </>
  )
  const Nothing = () => null
  const Word = () => '<word>'

  const html = (
    <p>
      <Twice of="x">
        <i>1</i>
        {2}
      </Twice>
      <Nothing />
      <Word />
    </p>
  )

  expect(String(html)).toBe('<p>x<i>1</i>2<i>1</i>2&lt;word&gt;</p>')
})

test('attributes are there or not, have a text, or say true and false', () => {
  const nothing = { title: undefined, lang: null }

  expect(String(<input type="checkbox" checked disabled={false} tabindex={-1} {...nothing} />)).toBe(
    '<input type="checkbox" checked="" tabindex="-1"/>',
  )
  expect(String(<div aria-hidden={false} data-n={3n} hidden="until-found" class="" />)).toBe(
    '<div aria-hidden="false" data-n="3" hidden="until-found" class=""></div>',
  )
})

test('a void element has no end', () => {
  expect(String(<br />)).toBe('<br/>')
  expect(String(<td />)).toBe('<td></td>')
})

test('names that would end the tag are refused', () => {
  for (const name of ['', 'a b', 'a>', 'a"', "a'", 'a=', 'a/', '\0', 'a\n', '"onx', '1', '-a']) {
    expect(() => element(name, {})).toThrow('no name of an element')
    expect(() => element('p', { [name]: 'x' })).toThrow('no name of an attribute')
  }
})

test('what the Content-Security-Policy forbids is refused, however it is spelt', () => {
  for (const name of ['style', 'STYLE', 'onclick', 'onClick', 'ONLOAD', 'on', 'srcdoc']) {
    expect(() => element('p', { [name]: 'x' })).toThrow(`"${name}"`)
  }
  expect(String(<p data-on="a" title={'<b style="x" onclick="y">'} />)).toBe(
    '<p data-on="a" title="&lt;b style=&quot;x&quot; onclick=&quot;y&quot;&gt;"></p>',
  )
})

test('a script and a style have no text of ours', () => {
  for (const name of ['script', 'SCRIPT', 'style']) {
    expect(() => element(name, { children: 'alert(1)' })).toThrow('takes no text')
  }
  expect(String(<script src="core.js" />)).toBe('<script src="core.js"></script>')
})

test('what is no text is refused rather than shown as something', () => {
  for (const value of [{}, () => 'a', Symbol('a'), Promise.resolve('a'), new Date(0)]) {
    expect(() => element('p', { children: value })).toThrow(TypeError)
    expect(() => element('p', { title: value })).toThrow(TypeError)
  }
})

test('what is repeated is what would have been written each time', () => {
  fc.assert(
    fc.property(hostile, hostile, (value, text) => {
      const cell = repeatedElement('td', { lang: 'en', title: value, 'data-label': undefined })

      for (const child of [text, <b>{text}</b>, null]) {
        expect(String(cell(child))).toBe(
          String(
            <td lang="en" title={value} data-label={undefined}>
              {child}
            </td>,
          ),
        )
      }
    }),
  )
  expect(() => repeatedElement('script', {})).toThrow(TypeError)
  expect(() => repeatedElement('p', { onclick: 'x' })).toThrow('"onclick"')
})

test('what is repeated with other values each time is what would have been written each time', () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, (value, other, text) => {
      const link = repeatedElement('a', { class: 'x' }, ['href', 'title'])
      const box = repeatedElement('input', { type: 'checkbox' }, ['value'])

      expect(String(link(text, value, other))).toBe(
        String(
          <a class="x" href={value} title={other}>
            {text}
          </a>,
        ),
      )
      expect(String(box(null, value))).toBe(String(<input type="checkbox" value={value} />))
    }),
  )
  expect(() => repeatedElement('p', {}, ['onclick'])).toThrow('"onclick"')
})

test('an attribute that is remembered is as safe as at first', () => {
  fc.assert(
    fc.property(hostile, (value) => {
      const [first, again] = [1, 2].map(() => String(<p class={value} />))

      expect(again).toBe(first)
      expect(read(first?.slice('<p class="'.length, -'"></p>'.length) ?? '')).toBe(value)
    }),
  )
})
