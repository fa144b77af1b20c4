/** Small drawings: reliability, and lines with bands over the confidence asked for. Each stands beside a table that says the same. */
import type { ReactNode } from "react";
import type { Bin, Interval } from "../api/deciding";
import { percent } from "../format";
import { decidingWords } from "../words/deciding";
import css from "./deciding.module.css";

const SIDE = 320;
const LEFT = 40;
const BOTTOM = 34;
const TOP = 8;
const shares = [0, 0.25, 0.5, 0.75, 1];

interface Frame {
  width: number;
  height: number;
  x: (share: number) => number;
  y: (value: number) => number;
}

function frame(width: number, height: number, most = 1): Frame {
  return {
    width,
    height,
    x: (share) => LEFT + share * (width - LEFT - TOP),
    y: (value) => height - BOTTOM - (Math.min(value, most) / most) * (height - BOTTOM - TOP),
  };
}

function Axes({ at, ticks, label, children }: { at: Frame; ticks: number[]; label: string; children: ReactNode }) {
  return (
    <>
      {ticks.map((value) => (
        <g key={value}>
          <line className={css.grid} x1={LEFT} x2={at.width - TOP} y1={at.y(value)} y2={at.y(value)} />
          <text x={LEFT - 6} y={at.y(value) + 4} textAnchor="end">
            {percent(value)}
          </text>
        </g>
      ))}
      {shares.map((value) => (
        <text key={value} x={at.x(value)} y={at.height - BOTTOM + 15} textAnchor="middle">
          {percent(value)}
        </text>
      ))}
      <text x={(LEFT + at.width - TOP) / 2} y={at.height - 3} textAnchor="middle">
        {label}
      </text>
      {children}
    </>
  );
}

export function ReliabilityChart({ bins, answers }: { bins: Bin[]; answers: number }) {
  const said = decidingWords.reliability;
  const at = frame(SIDE, SIDE);
  return (
    <svg className={css.chart} viewBox={`0 0 ${SIDE} ${SIDE}`} role="img" aria-label={said.figure(answers)}>
      <Axes at={at} ticks={shares} label={said.said}>
        <line className={css.ideal} x1={at.x(0)} y1={at.y(0)} x2={at.x(1)} y2={at.y(1)} />
        {bins.map((bin) => (
          <g key={bin.low}>
            <line className={css.whisker} x1={at.x(bin.said)} x2={at.x(bin.said)} y1={at.y(bin.least)} y2={at.y(bin.most)} />
            <circle className={css.point} cx={at.x(bin.said)} cy={at.y(bin.right)} r={5} />
          </g>
        ))}
      </Axes>
    </svg>
  );
}

export interface Line {
  tone: "accent" | "green" | "red";
  points: { at: number; value: Interval }[];
  /** whether its interval is drawn too */
  band: boolean;
}

interface LinesProps {
  label: string;
  lines: Line[];
  /** the top of the axis */
  most: number;
  limit?: number;
}

export function LinesChart({ label, lines, most, limit }: LinesProps) {
  const width = 400;
  const height = 230;
  const at = frame(width, height, most);
  const ticks = [0, most / 4, most / 2, (most * 3) / 4, most];
  return (
    <svg className={css.chart} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <Axes at={at} ticks={ticks} label={decidingWords.tradeoff.axis}>
        {lines.map(({ tone, points, band }) => {
          const upper = points.map(({ at: share, value }) => `${at.x(share)},${at.y(value.most)}`);
          const lower = points.map(({ at: share, value }) => `${at.x(share)},${at.y(value.least)}`).toReversed();
          return (
            <g key={tone}>
              {band && <polygon className={css.band} data-tone={tone} points={[...upper, ...lower].join(" ")} />}
              <polyline className={css.line} data-tone={tone} points={points.map(({ at: share, value }) => `${at.x(share)},${at.y(value.value)}`).join(" ")} />
            </g>
          );
        })}
        {limit !== undefined && limit <= most && <line className={css.limit} x1={at.x(0)} x2={at.x(1)} y1={at.y(limit)} y2={at.y(limit)} />}
      </Axes>
    </svg>
  );
}

export function Legend({ items }: { items: { tone: Line["tone"] | "limit"; label: string }[] }) {
  return (
    <ul className={css.legend}>
      {items.map(({ tone, label }) => (
        <li key={tone}>
          <svg width={22} height={8} aria-hidden="true">
            <line className={tone === "limit" ? css.limit : css.line} data-tone={tone} x1={0} x2={22} y1={4} y2={4} />
          </svg>
          {label}
        </li>
      ))}
    </ul>
  );
}
