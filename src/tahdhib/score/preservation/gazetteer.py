"""Names that are written like any other word: persons, countries, cities, bodies.

Arabic has no capitals, and much English on the web is without them. The list is short on purpose:
it holds what occurs often; rarer names are told by what stands before them or by being rare. Words
that are names as well as common words (كريم, will) are left out.
"""

from functools import cache

_ARABIC = """
محمد محمود احمد علي حسن حسين خالد عمر عثمان ابراهيم اسماعيل اسحاق يعقوب يوسف موسي عيسي داود سليمان
هارون زكريا يحيي ادريس نوح ادم مصطفي مرتضي طه ياسين حمزه عباس جعفر كاظم رضا صادق باقر مهدي هادي
سالم سعيد سعد سعود فيصل فهد سلطان نايف سلمان خليفه زايد راشد حمدان مكتوم تميم حمد جاسم جابر صباح
مبارك ناصر منصور مشعل متعب بندر تركي طلال مساعد مقرن ماجد وليد ياسر عمار بلال انس مالك حاتم هيثم
وائل وسام باسم باسل ايمن ايهاب اسامه اشرف اكرم امجد انور جمال حازم حسام رامي رائد رشيد زياد سامي
سمير شادي شريف صالح طارق عادل عاطف عصام علاء عماد غسان فؤاد فادي فارس فاروق فراس كمال لؤي مازن
محسن مدحت مروان معاذ ممدوح مهند نادر نبيل نزار نضال هاشم هاني هشام يزيد عبدالله عبدالرحمن
عبدالعزيز عبدالملك عبدالكريم عبدالحميد عبدالمجيد عبدالرحيم عبدالسلام عبدالقادر عبدالفتاح عبدالناصر
عبدالوهاب عبداللطيف عبدالحليم عبدالهادي عبدالمنعم عبدالاله عبدالرزاق عبدالجبار عبدربه عبده
فاطمه عائشه خديجه زينب مريم امنه حفصه رقيه سميه اسماء هاجر ساره ليلي سلمي هند هيفاء هاله هدي هبه
نور نوره نوف نجلاء ناديه منال منيره مها لطيفه لبني كوثر فوزيه فرح غاده عبير شيماء شيرين سهير سعاد
سميره رنا ريم رانيا داليا دينا دعاء خلود حنان جواهر بثينه ايمان امل الهام ابتسام
القحطاني الغامدي الزهراني الشهري العتيبي المطيري الحربي الشمري الدوسري العنزي الرشيدي السبيعي
البلوي المالكي العمري الحازمي المصري السوري العراقي الحلبي البغدادي الخطيب النجار الحداد الصباح
السيسي مرسي السادات القذافي الاسد المالكي العبادي الحريري نصرالله السيستاني الصدر الحوثي هادي صدام
عرفات هنيه مشعل البشير بوتفليقه السبسي الغنوشي بورقيبه خامنئي خميني روحاني ظريف اردوغان اوغلو
اوباما ترامب كلينتون بوش بايدن كيري بوتين لافروف ميركل هولاند ماكرون ساركوزي كاميرون بلير نتنياهو
شارون ليبرمان بيريز مودي ميسي رونالدو نيمار صلاح مارادونا بيليه زيدان مورينيو غوارديولا بلاتر
مصر السعوديه سوريا العراق لبنان الاردن فلسطين اليمن عمان الكويت البحرين قطر الامارات السودان
ليبيا تونس الجزائر المغرب موريتانيا الصومال جيبوتي تركيا ايران افغانستان باكستان الهند الصين
اليابان كوريا اندونيسيا ماليزيا سنغافوره تايلاند فيتنام الفلبين بنغلادش استراليا روسيا اوكرانيا
بولندا المانيا فرنسا بريطانيا انجلترا اسكتلندا ايرلندا ايطاليا اسبانيا البرتغال هولندا بلجيكا
سويسرا النمسا السويد النرويج الدنمارك فنلندا اليونان قبرص بلغاريا رومانيا المجر صربيا البوسنه
كوسوفو البانيا امريكا كندا المكسيك البرازيل الارجنتين تشيلي كولومبيا فنزويلا بيرو كوبا نيجيريا
غانا السنغال مالي النيجر تشاد اثيوبيا كينيا اوغندا تنزانيا اسرائيل ارمينيا جورجيا اذربيجان كازاخستان
اوروبا افريقيا اسيا الخليج
الرياض جده مكه المدينه الدمام الطائف تبوك ابها القصيم بريده حائل نجران جازان جيزان الاحساء القطيف
الخبر الظهران ينبع عرعر القاهره الاسكندريه الجيزه اسيوط سوهاج الاقصر اسوان السويس سيناء دمشق حلب
حمص حماه ادلب درعا اللاذقيه طرطوس الرقه تدمر كوباني بغداد البصره الموصل كركوك الفلوجه الرمادي اربيل
النجف كربلاء تكريت بيروت طرابلس صيدا صور عرسال صنعاء عدن تعز الحديده صعده مارب مسقط دبي ابوظبي
الشارقه الدوحه المنامه الخرطوم دارفور بنغازي سرت مصراته وهران فاس مراكش الرباط طنجه الدارالبيضاء
القدس غزه رفح نابلس الخليل رام جنين يافا حيفا عكا عمان الزرقاء اربد انقره اسطنبول طهران اصفهان مشهد
كابول قندهار اسلامآباد كراتشي بيشاور دلهي مومباي بكين شنغهاي طوكيو سيول موسكو كييف برلين ميونيخ
باريس مارسيليا لندن مانشستر ليفربول روما ميلانو تورينو مدريد برشلونه لشبونه امستردام بروكسل جنيف
زيورخ فيينا ستوكهولم اوسلو اثينا واشنطن نيويورك شيكاغو كاليفورنيا تكساس فلوريدا بوسطن هيوستن تورونتو
القاعده داعش حماس فتح طالبان الناتو اوبك يونيسف اليونسكو الفيفا اليويفا ارامكو سابك غوغل جوجل فيسبوك
تويتر يوتيوب انستغرام انستقرام واتساب مايكروسوفت ابل سامسونج سامسونغ هواوي نوكيا امازون تويوتا
مرسيدس بوينغ ايرباص الجزيره العربيه رويترز الزمالك ريال برشلونه اتلتيكو يوفنتوس تشيلسي ارسنال
بايرن يونايتد الهلال الاهلي الشباب الاتفاق الفيصلي
"""
_ENGLISH = """
trump obama clinton hillary biden bush reagan nixon kennedy lincoln roosevelt sanders pelosi
mcconnell romney mccain palin cruz rubio kavanaugh comey mueller putin merkel macron trudeau boris
thatcher netanyahu erdogan assad saddam gaddafi castro chavez mao stalin lenin hitler mussolini
churchill gandhi modi mandela muhammad mohammed mohammad mohamed muhammed jesus christ moses allah
buddha einstein newton darwin tesla edison musk gates zuckerberg bezos jobs america usa canada
mexico brazil argentina chile colombia venezuela cuba england scotland ireland wales britain
france germany italy spain portugal netherlands holland belgium switzerland austria sweden norway
denmark finland russia ukraine poland hungary romania greece serbia bosnia israel palestine syria
iraq iran lebanon jordan egypt libya tunisia algeria morocco sudan yemen oman qatar kuwait bahrain
saudi emirates afghanistan pakistan india bangladesh nepal china japan korea vietnam thailand
indonesia malaysia philippines australia zealand nigeria ghana kenya ethiopia somalia africa
europe asia alaska alabama arizona arkansas california colorado connecticut delaware florida
georgia hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts
michigan minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania
tennessee texas utah vermont virginia wisconsin wyoming washington chicago boston detroit seattle
portland denver houston dallas atlanta miami toronto montreal vancouver ottawa london paris berlin
rome madrid moscow beijing tokyo delhi mumbai cairo baghdad damascus beirut tehran jerusalem dubai
riyadh google facebook twitter youtube reddit instagram whatsapp microsoft amazon netflix samsung
nokia toyota boeing airbus walmart wikipedia cnn bbc fox nbc abc espn nfl nba fifa uefa nato isis
fbi cia nasa john david james michael robert william thomas charles daniel matthew anthony donald
steven andrew kenneth joshua kevin brian george edward ronald timothy jason jeffrey ryan jacob
gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory alexander
patrick jack dennis jerry mary patricia jennifer linda elizabeth barbara susan jessica sarah karen
lisa nancy betty margaret sandra ashley kimberly emily donna michelle carol amanda melissa deborah
stephanie rebecca laura sharon cynthia kathleen amy angela shirley anna emma olivia sophia
"""


@cache
def known_names() -> frozenset[str]:
    """The listed names in plain spelling, without the article where they have one."""
    listed = f"{_ARABIC} {_ENGLISH}".split()
    return frozenset(listed) | {name[2:] for name in listed if name[:2] == "ال" and len(name) > 5}
