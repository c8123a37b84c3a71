import { provideSvgRenderer } from "#core/render-svg";

/** Gives the blueprints their renderer: imported by every public door that exports them, loaded when first used. */
provideSvgRenderer(async () => (await import("#graph/draw-svg")).drawSvg);
