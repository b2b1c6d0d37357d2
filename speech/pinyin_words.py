"""Words whose pinyin differs from pypinyin's dictionary, as they are said on the telephone.

Polyphones (银行, 重庆, 得, 还), neutral tones (朋友 has one, 警察 has none), and surnames before a form of address.
"""

WORDS = """
银行 yin2 hang2|支行 zhi1 hang2|分行 fen1 hang2|总行 zong3 hang2|央行 yang1 hang2|建行 jian4 hang2
工行 gong1 hang2|农行 nong2 hang2|招行 zhao1 hang2|交行 jiao1 hang2|中行 zhong1 hang2|同行 tong2 hang2
行业 hang2 ye4|行长 hang2 zhang3|重庆 chong2 qing4|重新 chong2 xin1|重复 chong2 fu4|朝阳 chao2 yang2
长时间 chang2 shi2 jian1|长期 chang2 qi1|便宜 pian2 yi5|觉得 jue2 de5|还款 huan2 kuan3|还钱 huan2 qian2
还贷 huan2 dai4|还清 huan2 qing1|归还 gui1 huan2|没还 mei2 huan2|还没 hai2 mei2|还给 huan2 gei3|退还 tui4 huan2
还能 hai2 neng2|还要 hai2 yao4|还给您打 hai2 gei3 nin2 da3|不还 bu4 huan2|调查 diao4 cha2|传票 chuan2 piao4
冒充 mao4 chong1|切勿 qie4 wu4|切记 qie4 ji4|一会儿 yi1 hui4 er5|这儿 zhe4 er5|那儿 na4 er5|哪儿 na3 er5
事儿 shi4 er5|点儿 dian3 er5|有点儿 you3 dian3 er5|一点儿 yi4 dian3 er5|女儿 nv3 er2|儿子 er2 zi5|孩子 hai2 zi5
妻子 qi1 zi5|房子 fang2 zi5|日子 ri4 zi5|骗子 pian4 zi5|警察 jing3 cha2|朋友 peng2 you5|爸爸 ba4 ba5
妈妈 ma1 ma5|谢谢 xie4 xie5|先生 xian1 sheng5|女士 nv3 shi4|清楚 qing1 chu5|明白 ming2 bai5|知道 zhi1 dao5
告诉 gao4 su5|东西 dong1 xi5|消息 xiao1 xi5|麻烦 ma2 fan5|什么 shen2 me5|怎么 zen3 me5|答应 da1 ying5
认识 ren4 shi5|意思 yi4 si5|时候 shi2 hou5|我们 wo3 men5|你们 ni3 men5|您们 nin2 men5|他们 ta1 men5
咱们 zan2 men5|人们 ren2 men5|大夫 dai4 fu5|应该 ying1 gai1|反应 fan3 ying4|为了 wei4 le5|了解 liao3 jie3
了结 liao3 jie2|得了 de2 le5|不得了 bu4 de2 liao3|受不了 shou4 bu5 liao3|来不及 lai2 bu5 ji2|对不起 dui4 bu5 qi3
差不多 cha4 bu5 duo1|几个 ji3 ge5|几位 ji3 wei4|几分钟 ji3 fen1 zhong1|几天 ji3 tian1|几次 ji3 ci4
几点 ji3 dian3|好几 hao3 ji3|多少 duo1 shao5|干警 gan4 jing3|看守所 kan1 shou3 suo3|划款 hua4 kuan3
划转 hua4 zhuan3|转账 zhuan3 zhang4|转走 zhuan3 zou3|止付 zhi3 fu4|只有 zhi3 you3|只要 zhi3 yao4|的确 di2 que4
目的 mu4 di4|地方 di4 fang5|地址 di4 zhi3|不要 bu4 yao4|参与 can1 yu4|中奖 zhong4 jiang3|看中 kan4 zhong4
处理 chu3 li3|供述 gong4 shu4|口供 kou3 gong4|相信 xiang1 xin4|兴趣 xing4 qu4|打着 da3 zhe5|等着 deng3 zhe5
听着 ting1 zhe5|着急 zhao2 ji2|更改 geng1 gai3|下载 xia4 zai4|称呼 cheng1 hu5|都是 dou1 shi4|都要 dou1 yao4
血汗 xue4 han4|仇先生 qiu2 xian1 sheng5|单女士 shan4 nv3 shi4|曾先生 zeng1 xian1 sheng5|曾女士 zeng1 nv3 shi4
任先生 ren2 xian1 sheng5|任女士 ren2 nv3 shi4|解先生 xie4 xian1 sheng5|解女士 xie4 nv3 shi4
单先生 shan4 xian1 sheng5|仇女士 qiu2 nv3 shi4|华先生 hua4 xian1 sheng5|查先生 zha1 xian1 sheng5
盖先生 ge3 xian1 sheng5
"""
"""``word syllable syllable ...``, entries separated by a line end or a bar."""
