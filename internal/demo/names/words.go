package names

import (
	"strings"

	"dongxiao/ent/enum"
)

// surnames are the most frequent ones; the earlier are the more frequent.
var surnames = strings.Fields(`王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 罗 高 郑 梁 谢 宋 唐 许 韩 冯 邓 曹 彭 曾 肖 田 董 袁 潘 于 蒋 蔡
余 杜 叶 程 苏 魏 吕 丁 任 沈 姚 卢 姜 崔 钟 谭 陆 汪 范 金 石 廖 贾 夏 韦 付 方 白 邹 孟 熊 秦 邱 江 尹 薛 闫 段 雷 侯 龙 史 陶 黎 贺 顾 毛 郝 龚 邵`)

var surnameWeights = func() []int {
	weights := make([]int, len(surnames))
	for i := range weights {
		weights[i] = 1 + 400/(i+4)
	}
	return weights
}()

var (
	maleCharacters = strings.Fields(`伟 强 磊 军 勇 杰 涛 明 超 刚 平 辉 鹏 华 飞 鑫 波 斌 宇 浩 凯 健 俊 帆 帅 旭 宁 龙 林 阳 建 国 志 文 海 峰 毅 航 博 睿
晨 轩 昊 然 泽 铭 恒 安 诚 远 成 栋 庆 松 柏 坤 祥 瑞 振 东`)
	femaleCharacters = strings.Fields(`芳 娜 敏 静 丽 艳 娟 霞 燕 玲 丹 萍 红 玉 兰 英 梅 莉 秀 婷 雪 慧 琳 颖 洁 欣 怡 佳 倩 雯 璐 瑶 梦 晓 月 云 琴 珍 莹 婉
清 满 悦 涵 诗 语 彤 妍 岚 蕾 薇 菲 馨 宁 安 如 书 秋 春 桂`)
	nicknameWords = strings.Fields(`爱喝茶的 微醺的 山里的 爱笑的 早起的 江边的 下厨的 跑步的 听雨的 慢慢`)
)

// firstWords begin the names of stores. None is the name of a chain.
var firstWords = strings.Fields(`福满春 聚贤楼 醉云阁 鸿运来 吉祥里 老街坊 顺意 金樽 玉壶巷 百味香 和顺 兴隆巷 万家灯 状元桥 迎宾 喜临巷 长乐坊 富贵人 四海来 三杯好
同庆里 仁和巷口 瑞丰源 广聚和 春不老 好邻里 月上楼 江畔 桥头 南门 北苑 东升 西园 梧桐里 桂花巷 石板街 青云路口 望江 听涛 枫叶
小满家 老陈家 阿兰家 周记 林记 何家 大槐树 一品居 九如 双喜临 千里香 万和春 天府里 云水间 竹林深 杏花里 荷塘边 柳溪 清泉 古渡`)

// trades end the names of stores before the branch.
var trades = map[enum.StoreType][]string{
	enum.StoreLiquor:      {"烟酒行", "名烟名酒", "烟酒店", "酒业", "名酒坊"},
	enum.StoreConvenience: {"便利店", "便民超市", "小卖部", "生活便利"},
	enum.StoreRestaurant:  {"酒楼", "饭庄", "家常菜", "火锅", "私房菜"},
	enum.StoreSupermarket: {"超市", "生活超市", "购物中心", "综合商场"},
	enum.StoreBanquet:     {"大酒店", "宴会酒店", "婚宴中心", "国际宴会厅"},
}

// roads are names that many cities have.
var roads = strings.Fields(`中山路 人民路 解放路 建设路 和平路 新华路 文化路 胜利路 友谊路 光明路 朝阳路 迎宾大道 滨河路 湖滨路 长江路 黄河路 青年路 幸福路 团结路 民主路
花园路 公园路 学院路 体育路 工农路 东风路 北京路 上海路 南京路 天山路 泰山路 衡山路 梅园路 桃园路 柳林路 金水路 银杏路 凤凰路 龙泉路 玉泉路
站前路 府前街 古城街 西门街 东门街 南门街 北门街 鼓楼街 文庙街 财富大道 创业路 科技路`)

// luckyCharacters make the names of distributors.
var luckyCharacters = strings.Fields(`鼎 盛 鸿 昌 隆 泰 瑞 丰 源 祥 顺 达 兴 旺 恒 裕 嘉 宏 广 益 诚 信 永 安 和 润 泽 融 汇 通 聚 德 华 茂 腾 远 景 卓 峰 岳`)
