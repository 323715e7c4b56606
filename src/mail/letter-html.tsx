/**
 * A letter as HTML, in the admin's look.
 *
 * Mail programs read no style sheet, and JSX here writes no `style`: elements
 * name a class, and `styled` puts what it stands for in its place. A class is
 * an attribute between double quotes, which no text can hold unescaped.
 */

import type { LetterText } from './letter-text.ts'

export interface LetterHtmlProps {
  readonly title: string
  readonly letter: LetterText
  readonly link: string | null
}

export function letterHtml(props: LetterHtmlProps): string {
  return styled(`<!doctype html>${<Letter {...props} />}`)
}

function Letter({ title, letter, link }: LetterHtmlProps) {
  const { subject, greeting, paragraphs, button, notes } = letter
  return (
    <html lang="en" dir="ltr">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light" />
        <title>{subject}</title>
      </head>
      <body class="canvas">
        <div class="box">
          <p class="brand">{title}</p>
          <div class="card">
            <h1 class="heading">{subject}</h1>
            <p class="text">{greeting}</p>
            {paragraphs.map((paragraph) => (
              <p class="text">{paragraph}</p>
            ))}
            {button !== null && link !== null && (
              <>
                <p class="text">
                  <a class="button" href={link}>
                    {button}
                  </a>
                </p>
                <p class="small">
                  Or open this address:
                  <br />
                  <a class="link" href={link}>
                    {link}
                  </a>
                </p>
              </>
            )}
            {notes.map((note) => (
              <p class="small">{note}</p>
            ))}
          </div>
          <p class="foot">Sent by {title}. Answers to this address are not read.</p>
        </div>
      </body>
    </html>
  )
}

const FONT = "font-family:Inter,system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif"

/** The tokens of the pages, in colours that every mail program knows. */
const STYLES: Readonly<Record<string, string>> = {
  canvas: `margin:0;padding:24px 12px;background:#f9fafb;color:#1c2030;${FONT}`,
  box: 'max-width:520px;margin:0 auto',
  brand: 'margin:0 0 16px;font-size:15px;font-weight:600;color:#1c2030',
  card: 'background:#ffffff;border:1px solid #e3e5ea;border-radius:12px;padding:28px',
  heading: 'margin:0 0 16px;font-size:20px;line-height:1.3;font-weight:600;color:#1c2030',
  text: 'margin:0 0 16px;font-size:15px;line-height:1.55;color:#1c2030',
  small: 'margin:0 0 12px;font-size:13px;line-height:1.5;color:#5a6072;word-break:break-word',
  button:
    'display:inline-block;padding:10px 18px;border-radius:6px;background:#4a4fdc;color:#ffffff;font-weight:600;text-decoration:none',
  link: 'color:#4a4fdc',
  foot: 'margin:16px 0 0;font-size:12px;color:#5a6072',
}

function styled(html: string): string {
  return html.replaceAll(/ class="([a-z]+)"/g, (_whole, name: string) => ` style="${STYLES[name] ?? ''}"`)
}
