/** An article's Markdown as elements. Headings start one level below the page's own. */
import { Fragment, type Ref } from "react";
import type { Inline } from "../../shared/markup";
import { Line } from "../ui/RichText";
import css from "./article.module.css";
import { type ArticleBlock, articleBlocks } from "./markdown";

const headings = { 1: "h2", 2: "h3", 3: "h4", 4: "h5" } as const;

function Lines({ lines }: { lines: Inline[][] }) {
  return lines.map((line, at) => (
    <Fragment key={at}>
      {at > 0 && <br />}
      <Line parts={line} />
    </Fragment>
  ));
}

function Block({ block }: { block: ArticleBlock }) {
  switch (block.kind) {
    case "heading": {
      const Heading = headings[block.level];
      return (
        <Heading>
          <Line parts={block.parts} />
        </Heading>
      );
    }
    case "list": {
      const items = block.items.map((item, at) => (
        <li key={at}>
          <Line parts={item} />
        </li>
      ));
      return block.ordered ? <ol start={block.first}>{items}</ol> : <ul>{items}</ul>;
    }
    case "quote":
      return (
        <blockquote>
          <Lines lines={block.lines} />
        </blockquote>
      );
    case "table":
      return (
        <div className={css.tableBox}>
          <table>
            <thead>
              <tr>
                {block.head.map((cell, at) => (
                  <th key={at} scope="col">
                    <Line parts={cell} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row, at) => (
                <tr key={at}>
                  {row.map((cell, index) => (
                    <td key={index}>
                      <Line parts={cell} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    case "code":
      return (
        <pre>
          <code>{block.text}</code>
        </pre>
      );
    case "rule":
      return <hr />;
    default:
      return (
        <p>
          <Lines lines={block.lines} />
        </p>
      );
  }
}

export function ArticleText({ text, box }: { text: string; box?: Ref<HTMLDivElement> }) {
  return (
    <div className={css.article} dir="auto" ref={box}>
      {articleBlocks(text).map((block, at) => (
        <Block key={at} block={block} />
      ))}
    </div>
  );
}
